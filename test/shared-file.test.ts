import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { struct, u32, u64, view, x86_64 } from '../lib/abi/index.ts';
import { constants } from '../lib/kernel/index.ts';
import { sys } from '../lib/posix/index.ts';
import { mapShared } from '../lib/shared-file.ts';

const SIZE = 10_000;
let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syslets-shared-'));
  path = join(folder, 'file');
  writeFileSync(path, Buffer.alloc(SIZE));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Another process's view of the file. */
function elsewhere(script: string, ...more: readonly string[]) {
  const index = new URL('../dist/index.js', import.meta.url);
  const source = `import { mapShared, Kernel, sys } from '${index}';
    import { truncateSync } from 'node:fs'; const path = process.argv[1]; ${script}`;
  const args = ['--input-type=module', '-e', source, path, ...more];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
}

test.each(['path', 'URL', 'descriptor'])('by %s: the bytes are those of the file', (by) => {
  const fd = openSync(path, 'r+');
  const file = { path, URL: pathToFileURL(path), descriptor: fd }[by] ?? '';
  const memory = mapShared(file);
  closeSync(fd);
  expect(memory).toBeInstanceOf(SharedArrayBuffer);
  expect(memory.byteLength).toBe(SIZE);
  const bytes = new Uint8Array(memory);
  bytes[SIZE - 1] = 7;
  expect(readFileSync(path)[SIZE - 1]).toBe(7);
  writeFileSync(path, 'text', { flag: 'r+' });
  expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe('text');
});

test('a view of a struct at an offset that is no page', () => {
  const counter = struct('counter', { flags: u32, value: u64 });
  const one = view(counter, x86_64, mapShared(path, { offset: 4104, length: 16 }));
  one.value = 0x1122334455667788n;
  expect(readFileSync(path).readBigUInt64LE(4104 + 8)).toBe(one.value);
});

test('a file is made, and made longer, never shorter', () => {
  const made = join(folder, 'made');
  expect(mapShared(made, { create: true, length: 100 }).byteLength).toBe(100);
  expect(statSync(made)).toMatchObject({ size: 100, mode: 0o100600 });
  expect(mapShared(made, { create: true, offset: 8192, length: 8 }).byteLength).toBe(8);
  expect(statSync(made).size).toBe(8200);
  expect(mapShared(made, { create: true, length: 8 }).byteLength).toBe(8);
  expect(statSync(made).size).toBe(8200);
});

test('memory without a name', async () => {
  const fd = await sys.call('memfd_create', 'name', constants.MFD_CLOEXEC);
  const first = new Uint8Array(mapShared(fd, { create: true, length: 64 }));
  const second = new Uint8Array(mapShared(fd));
  await sys.close(fd);
  first[63] = 5;
  expect(second[63]).toBe(5);
});

test('atomics of two processes and a thread count to the sum', async () => {
  const count = 200_000;
  const add = `for (let i = 0; i < ${count}; i++) Atomics.add(new Int32Array(memory, 0, 1), 0, 1);`;
  const memory = mapShared(path);
  const script = `const { workerData: memory } = require('worker_threads'); ${add}`;
  const worker = new Worker(script, { eval: true, workerData: memory });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  expect(elsewhere(`const memory = mapShared(path); ${add}`).status).toBe(0);
  await ended;
  expect(new Int32Array(memory, 0, 1)[0]).toBe(2 * count);
});

test('a call that waits in the memory of a file is woken by another process', async () => {
  const memory = mapShared(path);
  const woken = sys.futex_wait(new Int32Array(memory, 0, 1), 0);
  const { stdout } = elsewhere(`
    const word = new Int32Array(mapShared(path), 0, 1);
    let woken = 0;
    while (woken === 0) woken = await sys.call('futex', word, ${constants.FUTEX_WAKE}, 1);
    console.log(woken);
  `);
  expect(stdout).toBe('1\n');
  expect(await woken).toBe(0);
});

/** How often the file is mapped. */
const mappings = () => readFileSync('/proc/self/maps', 'utf8').split(path).length - 1;

test('the mapping goes with the last buffer, in whichever thread that is', async () => {
  const script = `require('worker_threads').parentPort.once('message', (memory) => {
    new Uint8Array(memory)[0] = 1; require('worker_threads').parentPort.postMessage('seen');
  })`;
  const worker = new Worker(script, { eval: true });
  const seen = new Promise((resolve) => worker.once('message', resolve));
  worker.postMessage(mapShared(path));
  await seen;
  await worker.terminate(); // which may have ended by itself
  for (let i = 0; i < 20; i++) new Uint8Array(mapShared(path))[1] = i;
  await expect
    .poll(() => {
      globalThis.gc?.();
      return mappings();
    })
    .toBe(0);
  expect(readFileSync(path).subarray(0, 2)).toEqual(Buffer.from([1, 19]));
});

test.each([
  ['as it is', ''],
  ['while attached', 'Kernel.attach();'],
  ['attached later', 'later = Kernel;'],
  ['with a listener, which hears of signals alone', "process.on('SIGBUS', () => undefined);"],
])('%s: an access behind the end of a file that was made shorter ends, with its name', (_, how) => {
  const { signal, stdout, stderr } = elsewhere(`
    let later; ${how}
    const bytes = new Uint8Array(mapShared(path, { offset: 8 }));
    later?.attach();
    truncateSync(path, 100);
    console.log(bytes[0]);
    bytes[5000] = 1;
    console.log('not here');
  `);
  expect(stdout).toBe('0\n');
  expect(stderr).toContain(`syslets: SIGBUS: byte 5008 of ${path} cannot be reached`);
  expect(signal).toBe('SIGBUS');
});

test('a system call on such a byte fails with EFAULT', async () => {
  const bytes = new Uint8Array(mapShared(path));
  truncateSync(path, 0);
  const zero = openSync('/dev/zero', 'r');
  await expect((async () => sys.read(zero, bytes))()).rejects.toMatchObject({ code: 'EFAULT' });
  closeSync(zero);
});

test.each([
  ['/dev/null', {}, '/dev/null is no regular file, which alone can be mapped'],
  ['empty', {}, 'has 0 bytes, none behind offset 0: give a length and create: true'],
  ['made', { create: true }, 'create: true needs the length that the file is to have'],
  ['made', { create: true, length: -1 }, 'length is -1, expected an integer from 1'],
  ['made', { create: true, length: 8, offset: 3 }, 'offset is 3, expected a multiple of 8'],
  ['file', { offset: 4 }, 'offset is 4, expected a multiple of 8'],
  ['file', { offset: -8 }, 'offset is -8, expected an integer from 0'],
  ['file', { length: 0 }, 'length is 0, expected an integer from 1'],
  ['file', { offset: 8, length: SIZE }, 'has 10000 bytes, too few for 10000 at offset 8'],
  ['file', { create: 1 }, 'create is 1, expected a boolean'],
  ['file', { size: 1 }, 'there is no option size: there are offset, length, create'],
  ['none', {}, 'ENOENT: no such file or directory'],
  [-1, {}, 'file is -1, expected an integer from 0'],
  [undefined, {}, 'file is undefined, expected a path, a file URL or a descriptor'],
])('refused: %s with %o', (file, options, message) => {
  writeFileSync(join(folder, 'empty'), '');
  const given = typeof file === 'string' && file[0] !== '/' ? join(folder, file) : file;
  expect(() => mapShared(given as string, options as object)).toThrow(message);
  expect(existsSync(join(folder, 'made'))).toBe(false);
});

test('a descriptor that is open for reading alone is refused with the reason', () => {
  const fd = openSync(path, 'r');
  expect(() => mapShared(fd)).toThrow(
    `EACCES: permission denied, mmap 'descriptor ${fd}' (the descriptor is not open for reading and writing)`,
  );
  closeSync(fd);
});

test('what has no room in the address space or on the disk is refused, by the call that said so', () => {
  const large = `/dev/shm/syslets-large-${process.pid}`;
  writeFileSync(large, '');
  truncateSync(large, 2 ** 50);
  try {
    expect(() => mapShared(large)).toThrow('ENOMEM: not enough memory, mmap');
  } finally {
    rmSync(large);
  }
  const length = 2 ** 53 - 1;
  expect(() => mapShared(path, { create: true, length })).toThrow(/^E[A-Z]+: .*, fallocate '/);
});

test('a sealed memfd is refused', async () => {
  const { MFD_ALLOW_SEALING, F_ADD_SEALS, F_SEAL_WRITE } = constants;
  const fd = await sys.call('memfd_create', 'name', MFD_ALLOW_SEALING);
  truncateSync(`/proc/self/fd/${fd}`, 64);
  await sys.call('fcntl', fd, F_ADD_SEALS, F_SEAL_WRITE);
  expect(() => mapShared(fd)).toThrow('EPERM: operation not permitted, mmap');
  await sys.close(fd);
});
