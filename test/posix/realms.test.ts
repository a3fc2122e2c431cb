import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { atomic, struct, u32, view, x86_64 } from '../../lib/abi/index.ts';
import { Aiocb, aio_read, aio_return, aio_suspend } from '../../lib/aio/index.ts';
import { checkFrame, newFrameStack } from '../../lib/kernel/frame.ts';
import { native } from '../../lib/native.ts';
import { SocketAddress, sys } from '../../lib/posix/index.ts';
import { CompletionRing } from '../../lib/ring/index.ts';
import { acceptable, ruleOf } from '../../lib/scenario/outcome.ts';
import { newPipe } from './pipes.ts';

// What node:vm, jest's environments and vitest's vmThreads give has classes that are not ours.

const folder = mkdtempSync(join(tmpdir(), 'syslets-realms-'));
const path = join(folder, 'file');
writeFileSync(path, '0123456789');
afterAll(() => rmSync(folder, { recursive: true }));

function foreign<T>(source: string): T {
  const made = runInNewContext(source);
  expect(made instanceof Object).toBe(false);
  return made as T;
}

const one = struct('one', { a: u32, b: u32 });

test.each(['ArrayBuffer', 'SharedArrayBuffer'])('a view over an %s', (name) => {
  const made = view(one, x86_64, foreign<ArrayBuffer>(`new ${name}(64)`), 16);
  made.a = 7;
  atomic(made, 'b').store(9);
  expect([made.a, made.b]).toEqual([7, 9]);
});

test('what is no buffer there is none here', () => {
  expect(() => view(one, x86_64, foreign('new Uint8Array(64)'))).toThrow(
    'got a view of one (Uint8Array, 64 bytes): pass its .buffer',
  );
  expect(() => view(one, x86_64, foreign('({ byteLength: 64 })'))).toThrow('got an object');
});

test('wait and notify of a field', () => {
  const field = atomic(
    view(one, x86_64, foreign<SharedArrayBuffer>('new SharedArrayBuffer(8)')),
    'a',
  );
  expect([field.wait(0, 1), field.notify()]).toEqual(['timed-out', 0]);
});

test('memory, paths and offsets of calls', async () => {
  const raw = foreign<Uint8Array>(`new Uint8Array([${[...Buffer.from(path)]}])`);
  const fd = await sys.openat(-100, raw, 0);
  for (const source of ['new Uint8Array(4)', 'new Uint8Array(new SharedArrayBuffer(4))']) {
    const bytes = foreign<Uint8Array>(source);
    expect(await sys.pread(fd, bytes, 2)).toBe(4);
    expect(Buffer.from(bytes).toString()).toBe('2345');
  }
  const offset = foreign<BigInt64Array>('new BigInt64Array([3n])');
  const pipe = newPipe();
  expect(await sys.splice(fd, offset, pipe.writeEnd, null, 4, 0)).toBe(4);
  expect(offset[0]).toBe(7n);
  pipe.close();
  await sys.close(fd);
});

test('the path of a Unix address', () => {
  const bytes = foreign<Uint8Array>('new Uint8Array([47, 120])');
  expect(SocketAddress.unix(bytes).text).toBe('/x');
});

test('a futex', async () => {
  const word = foreign<Int32Array>('new Int32Array(new SharedArrayBuffer(4))');
  await expect(sys.futex_wait.async(word, 1, null)).rejects.toMatchObject({ code: 'EAGAIN' });
});

/** As jsdom's, whose class is not Node's; node:vm has none. */
class OtherSignal extends EventTarget {
  aborted = false;
  reason: unknown;
  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event('abort'));
  }
}

test('an AbortSignal', async () => {
  const pipe = newPipe();
  const signal = new OtherSignal();
  expect(signal instanceof AbortSignal).toBe(false);
  const reading = sys.read(pipe.readEnd, new Uint8Array(4), { signal: signal as never });
  signal.abort('enough');
  await expect(reading).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
  const gone = new OtherSignal();
  gone.abort('before');
  await expect(
    sys.read.async(pipe.readEnd, new Uint8Array(4), { signal: gone as never }),
  ).rejects.toMatchObject({ cause: 'before' });
  expect(() => sys.read(pipe.readEnd, new Uint8Array(4), { signal: {} as never })).toThrow(
    'expected an AbortSignal',
  );
  pipe.close();
});

test('memory of control blocks, rings and frames', () => {
  const buffer = foreign<SharedArrayBuffer>('new SharedArrayBuffer(4096)');
  expect(new Aiocb({ aio_fildes: 3, memory: { buffer } }).buffer).toBe(buffer);
  expect(CompletionRing.create(4, { buffer }).elements).toBe(4);
  const stack = foreign<Uint8Array<SharedArrayBuffer>>(
    'new Uint8Array(new SharedArrayBuffer(65536))',
  );
  const ip = native().functions().park;
  expect(checkFrame({ ip, stack })).toBeGreaterThan(0n);
  expect(checkFrame({ ip, stack: newFrameStack() })).toBeGreaterThan(0n);
  const plain = foreign<Uint8Array<SharedArrayBuffer>>('new Uint8Array(65536)');
  expect(() => checkFrame({ ip, stack: plain })).toThrow('over a SharedArrayBuffer');
});

test.each([
  'new Uint8Array(4)',
  'new DataView(new ArrayBuffer(4))',
  'new Uint8Array(new SharedArrayBuffer(8), 4)',
])('what aio reads into: %s', async (source) => {
  const fd = await sys.openat(-100, path, 0);
  const bytes = foreign<Uint8Array<SharedArrayBuffer>>(source);
  const block = new Aiocb({ aio_fildes: fd, aio_buf: bytes, aio_nbytes: 4, aio_offset: 3n });
  aio_read(block);
  await aio_suspend([block]);
  expect(aio_return(block)).toBe(4);
  expect(Buffer.from(bytes.buffer, bytes.byteOffset, 4).toString()).toBe('3456');
  await sys.close(fd);
});

test('patterns of outcomes', () => {
  const pattern = acceptable(foreign<RegExp>('/^1, /i'), 'begins with one');
  expect(ruleOf(pattern, ['a', 'b']).match).toEqual({ pattern: '^1, ', flags: 'i' });
});

test('nothing else in lib asks what users give for a class of one realm', () => {
  const root = fileURLToPath(new URL('../../lib/', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const classes =
    /instanceof (?:\w*(?:Array|ArrayBuffer|DataView)|AbortSignal|RegExp|URL|Map|Set|Date)\b/;
  const asking = files.filter((file) => {
    return file.endsWith('.ts') && classes.test(readFileSync(join(root, file), 'utf8'));
  });
  // The two of this realm, before it looks at the slots.
  expect(asking).toEqual([join('abi', 'buffer.ts')]);
});

// jest with jsdom: no TextEncoder, TextDecoder and setImmediate, and another setTimeout.
test('where globals of Node are hidden', () => {
  const abi = new URL('../../dist/abi/index.js', import.meta.url);
  const index = new URL('../../dist/index.js', import.meta.url);
  const script = `
    for (const name of ['TextEncoder', 'TextDecoder', 'setImmediate', 'clearImmediate']) delete globalThis[name];
    globalThis.setTimeout = globalThis.clearTimeout = () => 7;
    const { array, char, setText, struct, text, view, x86_64 } = await import('${abi}');
    const { sys } = await import('${index}');
    const name = view(struct('s', { name: array(char, 8) }), x86_64, new ArrayBuffer(8)).name;
    setText(name, 'zwölf');
    const fd = await sys.openat(-100, '/proc/self/stat', 0);
    const word = new Int32Array(new SharedArrayBuffer(4));
    const late = await sys.futex_wait(word, 0, null, { timeoutMs: 20 }).catch((error) => error.name);
    const all = await Promise.all([1, 2].map(() => sys.pread(fd, new Uint8Array(2), 0)));
    console.log(text(name), late, ...all);
    sys.detach();
  `;
  const args = ['--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['zwölf TimeoutError 2 2\n', '']);
});
