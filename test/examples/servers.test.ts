import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { runExample, runProfiled, startExample } from './run.ts';

const MESSAGE = Buffer.alloc(200_000, 'echo this ');

/** What comes back of what is sent to a port, until the other side closes. */
async function echoed(port: number, message: Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  socket.end(message);
  await once(socket, 'close');
  return Buffer.concat(parts);
}

test('the echo server echoes to many at once, survives a reset, and stops by a signal', async () => {
  const server = startExample('echo-server', '0');
  const exited = once(server, 'exit');
  const output: string[] = [];
  server.stdout.on('data', (text) => output.push(String(text)));
  await once(server.stdout, 'data');
  const port = Number(/:(\d+)/.exec(output.join(''))?.[1]);
  const reset = connect(port, '127.0.0.1', () => reset.resetAndDestroy());
  reset.on('error', () => undefined); // it is what we did
  const all = await Promise.all(Array.from({ length: 20 }, () => echoed(port, MESSAGE)));
  expect(all.every((one) => one.equals(MESSAGE))).toBe(true);
  server.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(output.join('')).toMatch(
    /stopped; \d+ calls waited for their socket, \d+ were handed over, \d+ dispatched/,
  );
}, 60_000);

test('epoll_wait blocks in a syslet while a file is read', () => {
  const run = runExample('epoll', process.execPath);
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(/^\d{7,} bytes read while epoll_wait was blocked$/m);
  expect(run.stdout).toContain('message 0, message 1, message 2');
  expect(run.status).toBe(0);
});

test('epoll_wait blocks in a syslet under --cpu-prof too', () => {
  const run = runProfiled('epoll', process.execPath);
  expect(run.stderr).toBe('');
  expect(run.stdout).toContain('message 0, message 1, message 2');
  expect(run.status).toBe(0);
});

test('a libc read on the raw layer has errno, pending and completions', () => {
  const run = runExample('glibc-read');
  expect(run.stderr).toBe('');
  expect(run.stdout.split('\n')).toEqual([
    'read of a closed descriptor: -1, errno 9',
    "read of a pipe with data: 'first'",
    'read of an empty pipe: -1, errno is ESYSLETPENDING: true',
    "and its completion: 'second'",
    '',
  ]);
  expect(run.status).toBe(0);
});
