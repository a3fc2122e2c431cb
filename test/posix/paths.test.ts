import { closeSync, mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { Site } from '../../lib/loop/index.ts';
import { sys } from '../../lib/posix/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-paths-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('names that are no ASCII, and names that are no UTF-8', async () => {
  writeFileSync(join(folder, 'ünï-漢字-🙂'), '1');
  expect((await sys.stat(join(folder, 'ünï-漢字-🙂'))).st_size).toBe(1n);
  const raw = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]);
  writeFileSync(raw, '22');
  expect((await sys.stat(raw)).st_size).toBe(2n);
  await expect(sys.stat.async(Buffer.concat([raw, raw]))).rejects.toThrow('\ufffd');
});

test.each([
  ['a string', 'a\0b'],
  ['a string that is no ASCII', 'ä\0b'],
  ['bytes', Buffer.from('a\0b')],
])('NUL in %s is refused', (_name, path) => {
  expect(() => sys.stat(path)).toThrow('expected a path without NUL');
});

const PATH_MAX = 4096;

test.each([
  ['a string', 'x'.repeat(PATH_MAX)],
  ['a string that is no ASCII', 'ä'.repeat(PATH_MAX / 2)],
  ['one much too long', 'x'.repeat(1 << 20)],
  ['bytes', Buffer.alloc(PATH_MAX, 'x')],
])('%s longer than PATH_MAX is ENAMETOOLONG', async (_name, path) => {
  await expect(sys.stat.async(path)).rejects.toMatchObject({
    code: 'ENAMETOOLONG',
    errno: -36,
    syscall: 'stat',
  });
  await expect(sys.call.async('access', path as string, 0)).rejects.toMatchObject({
    code: 'ENAMETOOLONG',
  });
});

test('a path of PATH_MAX with its NUL goes to the kernel, two of them too', async () => {
  const path = `${'./'.repeat((PATH_MAX - 2) / 2)}.`;
  expect(path.length).toBe(PATH_MAX - 1);
  expect((await sys.stat(path)).st_ino).toBe((await sys.stat('.')).st_ino);
  const slashes = `/${'a/'.repeat((PATH_MAX - 2) / 2)}`;
  await expect(sys.renameat2.async(-100, slashes, -100, slashes)).rejects.toMatchObject({
    code: 'ENOENT',
  });
});

test.each([
  ['a number', 5, 'path is 5, expected a string, a Buffer or a Uint8Array'],
  ['nothing', undefined, 'path is undefined'],
  ['an array', [1], 'path is'],
])('%s is no path', (_name, path, message) => {
  expect(() => sys.stat(path as never)).toThrow(message);
});

test('an empty path is ENOENT, as the kernel says', async () => {
  await expect(sys.stat.async('')).rejects.toMatchObject({ code: 'ENOENT' });
});

// A slot has room for two of the longest, and the next slot's memory lies behind it. In the second
// round slots come back last first, so that each one's neighbour is filled before it.
test('more long paths than a slot has room for leave the paths of other calls alone', async () => {
  sys.detach();
  sys.configure({ maxTasks: 4 });
  const fds = new Int32Array(2);
  sys.call.sync('pipe2', fds, 0);
  const [from, to] = fds as unknown as [number, number];
  const long = 'x'.repeat(PATH_MAX - 1);
  const made = () => [
    sys.call.async('getpid', long, long, long, long, long, long),
    sys.mkdirat.async(-100, join(folder, 'no', 'such')).catch((error: Error) => error.message),
  ];
  for (let round = 0; round < 2; round++) {
    const reads = [0, 1].map(() =>
      sys.call.async('read', from, Buffer.alloc(1), 1, { site: new Site() }),
    );
    // on a busy machine a thread may come a moment later
    await vi.waitFor(() => expect(sys.counters().inFlight).toBe(2), { timeout: 10_000 });
    const pairs = Array.from({ length: 20 }, made);
    expect(sys.counters().waiting).toBe(40);
    writeSync(to, 'ab');
    await Promise.all(reads);
    for (const [pid, message] of await Promise.all(pairs.map((pair) => Promise.all(pair)))) {
      expect(pid).toBe(process.pid);
      expect(message).toMatch(/^ENOENT: no such file or directory, mkdirat/);
    }
  }
  expect(() => sys.call('getpid', long, long, `${long}x`)).toThrow('ENAMETOOLONG');
  expect(() => sys.call('getpid', long, long, 'a\0b')).toThrow('a path without NUL');
  for (const fd of fds) closeSync(fd);
  sys.detach();
  sys.configure({});
});
