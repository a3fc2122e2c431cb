import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aarch64_calls } from '../../lib/kernel/aarch64-calls.ts';
import { x86_64_calls } from '../../lib/kernel/x86-64-calls.ts';
import type { Definition } from '../../lib/posix/define.ts';
import { SocketAddress, sys } from '../../lib/posix/index.ts';
import { table } from '../../lib/posix/table.ts';
import { newPipe } from './pipes.ts';

const DOCS = readFileSync(fileURLToPath(new URL('../../docs/posix.md', import.meta.url)), 'utf8');

const rows: readonly Definition[] = Object.values(table as object);

/** How docs/posix.md tells a call. */
function rowOf({ name, params, result, hint }: Definition) {
  const list = params.map((param) => `\`${param}\``).join(', ');
  return `| \`${name}\` | ${list} | ${result.kind} | ${hint?.name ?? '-'} |`;
}

function tableUnder(heading: string): string[] {
  const [, section = ''] = DOCS.split(`\n## ${heading}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n');
  return lines.filter((line) => line.startsWith('|')).slice(2);
}

/** Names in the first cells. */
const namesUnder = (heading: string) =>
  tableUnder(heading).flatMap((line) =>
    [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]),
  );

test("the table of docs/posix.md is the code's", () => {
  expect(tableUnder('Calls')).toEqual(rows.map(rowOf));
});

/** The names that an error offers. */
function offered(use: () => unknown): string[] {
  try {
    use();
    return [];
  } catch (error) {
    const names = /there are (.*)$/.exec((error as Error).message)?.[1] ?? '';
    return names.split(', ').sort();
  }
}

test('docs/posix.md has the counters and the options that the code has', () => {
  expect(namesUnder('Predictor').sort()).toEqual(Object.keys(sys.counters()).sort());
  const none = { none: 0 } as never;
  expect(offered(() => sys.configure(none))).toEqual(namesUnder('Limits').sort());
  const options = namesUnder('Options of a call').sort();
  expect(offered(() => sys.fsync(-1, none))).toEqual(options);
});

test('each call of the table stands under its name, in three forms', () => {
  expect(Object.keys(table)).toEqual(rows.map((row) => row.name));
  for (const { name } of rows) {
    const call = sys[name as keyof typeof table];
    expect([typeof call, typeof call.sync, typeof call.async, call.name]).toEqual([
      'function',
      'function',
      'function',
      name,
    ]);
  }
});

test('a call that blocks: a promise, a result that is waited for, a promise', async () => {
  const pipe = newPipe();
  const buffer = Buffer.alloc(4);
  const reading = sys.read(pipe.readEnd, buffer);
  expect(reading).toBeInstanceOf(Promise);
  pipe.write('a');
  expect(await reading).toBe(1);
  pipe.write('b');
  expect(sys.read.sync(pipe.readEnd, buffer)).toBe(1);
  expect(sys.nanosleep.sync(20)).toBe(0);
  pipe.write('c');
  const later = sys.read.async(pipe.readEnd, buffer);
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toBe(1);
  pipe.close();
});

test('a call that fails: the direct form and sync throw, async rejects', async () => {
  expect(() => sys.fsync(-1)).toThrow('EBADF');
  expect(() => sys.fsync.sync(-1)).toThrow('EBADF');
  await expect(sys.fsync.async(-1)).rejects.toThrow('EBADF');
  await expect(sys.fsync.async('x' as never)).rejects.toThrow("fd is 'x', expected a number");
});

test('a call that is waited for does not disturb those that are pending', async () => {
  const pipe = newPipe();
  const reads = Array.from({ length: 8 }, () => sys.read(pipe.readEnd, Buffer.alloc(1)));
  for (let i = 0; i < 8; i++) expect(sys.nanosleep.sync(1)).toBe(0);
  pipe.write('x'.repeat(8));
  expect(sys.nanosleep.sync(1)).toBe(0);
  expect(await Promise.all(reads)).toEqual(reads.map(() => 1));
  pipe.close();
});

test('many calls at once, each with its own result', async () => {
  const results = Array.from({ length: 200 }, (_, i) => sys.nanosleep(i % 7));
  const pipes = Array.from({ length: 30 }, newPipe);
  const reads = pipes.map((pipe) => sys.read(pipe.readEnd, Buffer.alloc(64)));
  for (const [i, pipe] of pipes.entries()) pipe.write('x'.repeat(i + 1));
  expect(await Promise.all(reads)).toEqual(pipes.map((_, i) => i + 1));
  expect(new Set(await Promise.all(results))).toEqual(new Set([0]));
  for (const pipe of pipes) pipe.close();
});

test.each([
  ['fd', () => sys.fsync(1.5), 'fd is 1.5, expected an integer'],
  ['fd', () => sys.close(3n as never), 'fd is 3n, expected a number'],
  ['fd', () => sys.close.sync(3n as never), 'fd is 3n, expected a number'],
  ['flags', () => sys.openat(-100, '/', 2 ** 32), 'flags is 4294967296, expected an integer from'],
  ['offset', () => sys.pread(0, Buffer.alloc(1), 2 ** 53), 'offset is 9007199254740992'],
  ['offset', () => sys.pread(0, Buffer.alloc(1), 2n ** 63n), 'offset is 9223372036854775808n'],
  ['duration', () => sys.nanosleep(-1), 'duration is -1, expected milliseconds as a number'],
  ['duration', () => sys.nanosleep(Number.NaN), 'duration is NaN'],
  ['argument 1', () => sys.call('close', 0, undefined as never), 'argument 1 is undefined'],
  ['duration', () => sys.nanosleep(undefined as never), 'duration is undefined'],
  ['list', () => sys.poll([] as never, 0), 'list is [], expected new PollList'],
  ['buffers', () => sys.readv(0, 'x' as never), "buffers is 'x', expected an array of Buffers"],
  ['message', () => sys.sendmsg(0, {} as never), 'message is {}, expected an object with an array'],
  ['address', () => sys.connect(0, 'x' as never), "address is 'x', expected SocketAddress.ip"],
  ['word', () => sys.futex_wait([0] as never, 0), 'word is [ 0 ], expected an Int32Array'],
  ['argument', () => sys.fcntl(0, 1, 'x' as never), "argument is 'x', expected a number"],
  ['offsetIn', () => sys.splice(0, 'x' as never, 1, null, 1), "offsetIn is 'x', expected null"],
])('a wrong %s is refused', (_name, call, message) => {
  expect(call).toThrow(message);
});

test('a call that the kernel side refuses gives its reason, another that fails so does not', () => {
  const reason = 'refused by the kernel side: changes one OS thread of several';
  expect(() => sys.call('unshare', 0)).toThrow(`EINVAL: invalid argument, unshare (${reason}`);
  expect(() => sys.call.sync('unshare', 0)).toThrow(`EINVAL: invalid argument, unshare (${reason}`);
  expect(() => sys.call.sync('epoll_create1', 1)).toThrow(
    /^EINVAL: invalid argument, epoll_create1$/,
  );
});

test('a SocketAddress as an argument of any call: the message says what to give', () => {
  const address = SocketAddress.unix('');
  const message = 'argument 1 is a SocketAddress: give its storage, and its length after it';
  expect(() => sys.call('bind', -1, address as never)).toThrow(message);
  expect(() => sys.call('bind', -1, address as never, 2)).toThrow(message);
  expect(() => sys.call.sync('bind', -1, address as never)).toThrow(message);
  expect(() => sys.call('bind', -1, address.storage, address.length)).toThrow('EBADF');
});

const TYPE_ERROR = { name: 'TypeError' };

test('no form takes more arguments than it has, and sync takes no options', async () => {
  const options = { timeoutMs: 50 };
  const { nanosleep, copy_file_range } = sys as never as Record<string, typeof sys.call>;
  if (nanosleep === undefined || copy_file_range === undefined) throw new Error('there are both');
  expect(() => nanosleep.sync(300, null as never, options as never)).toThrow(
    'nanosleep.sync takes (duration, remaining), and no options: argument 3 is { timeoutMs: 50 }',
  );
  expect(() => nanosleep(1, null as never, {}, 5)).toThrow(
    'nanosleep takes (duration, remaining, options): argument 4 is 5',
  );
  await expect(nanosleep.async(1, null as never, {}, 5)).rejects.toMatchObject(TYPE_ERROR);
  expect(() => copy_file_range(0, 0, 0, 0, 0, 0, {}, 5)).toThrow('options): argument 8 is 5');
  for (const { name, params } of rows) {
    const call = sys[name as keyof typeof table] as unknown as typeof sys.call;
    const given = [...params.map(() => 'x'), options] as unknown as [number];
    expect(() => call.sync(...given), name).toThrow(`${name}.sync takes (`);
    expect(() => call(...given, 5), name).toThrow(`${name} takes (`);
  }
  expect(await nanosleep(0, null as never, undefined as never)).toBe(0);
  expect(nanosleep.sync(0, null as never, undefined as never)).toBe(0);
});

const UNISTD = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';

test("x86_64's calls have the numbers of the system's header", ({ skip }) => {
  if (!existsSync(UNISTD)) skip(`${UNISTD} is not installed`);
  const lines = readFileSync(UNISTD, 'utf8').matchAll(/^#define __NR_(\w+) (\d+)$/gm);
  const header = Object.fromEntries([...lines].map(([, name, nr]) => [name, Number(nr)]));
  expect(Object.keys(header).length).toBeGreaterThan(300);
  expect(x86_64_calls()).toMatchObject(header);
});

const CROSS = '/usr/aarch64-linux-gnu/include/asm-generic/unistd.h';

test("aarch64's calls have the numbers of the cross compiler's header", ({ skip }) => {
  if (!existsSync(CROSS)) skip(`${CROSS} is not installed`);
  const text = readFileSync(CROSS, 'utf8');
  const numbers = new Map(
    [...text.matchAll(/^#define (__NR\w*) (\d+)$/gm)].map((m) => [m[1], m[2]]),
  );
  const own = Object.entries(aarch64_calls()).map(([name, nr]) => {
    // the names that 32 and 64 bits share: the first of each pair is that of 64 bits
    const shared = new RegExp(`^#define __NR_${name} (__NR3264_\\w+)$`, 'm').exec(text)?.[1];
    return [name, nr, numbers.get(shared ?? `__NR_${name}`)] as const;
  });
  const wrong = own.filter(([, nr, header]) => header !== undefined && Number(header) !== nr);
  expect(wrong).toEqual([]);
  expect(own.filter(([, , header]) => header !== undefined).length).toBeGreaterThan(280);
});
