import { closeSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { syslet_ring, view, x86_64 } from '../../lib/abi/index.ts';
import { SysletsError } from '../../lib/errors.ts';
import { Kernel, NR, newFrameStack } from '../../lib/kernel/index.ts';
import { native } from '../../lib/native.ts';
import { CompletionRing } from '../../lib/ring/index.ts';

const kernel = Kernel.attach();
const FILE = join(tmpdir(), `syslets-call-${process.pid}`);
const LSEEK = 8;
const FSTAT = 5;
const EVENTFD = 284;
const F_GETFD = 1;
const FCNTL = 72;

afterAll(() => {
  kernel.detach();
});

test('a call that does not block returns its result at once', () => {
  const call = kernel.newCall(NR.getpid);
  expect(call.run()).toBe(process.pid);
  expect(call).toMatchObject({ pending: false, result: BigInt(process.pid), nr: NR.getpid });
});

test('numbers and memory go in as arguments', () => {
  writeFileSync(FILE, 'abcdefgh');
  const fd = openSync(FILE, 'r');
  const buffer = new Uint8Array(4);
  const call = kernel.newCall(NR.pread64).setArgs(fd, buffer, 4, 2);
  expect(call.runOrThrow()).toBe(4);
  expect(Buffer.from(buffer).toString()).toBe('cdef');
  expect(call.setArg(3, 6n).run()).toBe(2);
  expect(call.setArgParts(3, 1, 0).run()).toBe(4);
  expect(Buffer.from(buffer).toString()).toBe('bcde');
  closeSync(fd);
  call.release();
});

test('results keep 64 bits', () => {
  writeFileSync(FILE, '');
  const fd = openSync(FILE, 'r');
  const call = kernel.newCall(LSEEK).setArgs(fd, 2 ** 40 + 5, 0);
  expect(call.run()).toBe(2 ** 40 + 5);
  expect(call.result).toBe(2n ** 40n + 5n);
  closeSync(fd);
});

test('a failed call returns -errno, and runOrThrow throws it', () => {
  const call = kernel.newCall(FSTAT).setArgs(-1, new Uint8Array(144));
  expect(call.run()).toBe(-9);
  expect(() => call.runOrThrow()).toThrow(SysletsError);
  expect(() => call.runOrThrow()).toThrow('fstat: EBADF');
  expect(() => kernel.newCall(NR.close).setArgs(-1).runOrThrow()).toThrow('close: EBADF');
});

test('complete gives the result of a call whether it blocks or not', () => {
  const time = new BigInt64Array([0n, 20_000_000n]);
  expect(kernel.complete(NR.getpid)).toBe(process.pid);
  expect(kernel.complete(NR.clock_nanosleep, 1, 0, time, 0)).toBe(0);
  expect(() => kernel.complete(NR.close, -1)).toThrow('close: EBADF');
  expect(() => kernel.complete(NR.read, {} as never)).toThrow('argument 0 is {}');
});

test('an unknown system call is ENOSYS', () => {
  expect(kernel.newCall(9999).run()).toBe(-38);
});

test('a refused call is EINVAL, and doctor has the reason', () => {
  const fork = 57;
  expect(kernel.newCall(fork).run()).toBe(-22);
  expect(
    native()
      .doctor()
      .refused.find(({ nr }) => nr === fork)?.reason,
  ).not.toBe('');
});

test('without a syslet only calls that create a descriptor run, with flags', () => {
  const cloexec = 0o2000000;
  const eventfd = kernel.newCall(EVENTFD).setArgs(0).setFileFlags(cloexec);
  const fd = eventfd.runOrThrow();
  expect(kernel.newCall(FCNTL).setArgs(fd, F_GETFD).run()).toBe(1);
  closeSync(fd);
  expect(kernel.newCall(NR.getpid).setFileFlags(0).run()).toBe(-22);
  expect(eventfd.setRing(kernel.ring).runOrThrow()).toBeGreaterThan(2);
});

test('a full ring refuses with EAGAIN, and says what to do', () => {
  const ring = CompletionRing.create(1);
  const call = kernel.newCall(NR.getpid, { ring });
  view(syslet_ring, x86_64, ring.buffer).kernel_head = 1;
  expect(call.run()).toBe(-11);
  expect(() => call.runOrThrow()).toThrow('getpid: EAGAIN, its ring is full: reap it');
  ring.reap(() => undefined);
  expect(call.run()).toBe(process.pid);
});

test('a frame names park, exit or a registered function, nothing else', () => {
  const stack = newFrameStack();
  const call = kernel.newCall(NR.getpid);
  const { park, exit } = kernel.functions();
  expect(() => call.setFrame({ ip: 0x1234n, stack })).toThrow('frame.ip is 0x1234, expected');
  expect(() => call.setFrame({ ip: park + 1n, stack })).toThrow('registerFunction');
  expect(call.setFrame({ ip: park, stack }).run()).toBe(process.pid);
  expect(call.setFrame({ ip: exit, stack }).run()).toBe(process.pid);
  const note = native().noteFunction();
  kernel.registerFunction(note);
  expect(call.setFrame({ ip: note, stack }).run()).toBe(process.pid);
});

test.each([
  ['not shared', new Uint8Array(65_536), 'expected a Uint8Array over a SharedArrayBuffer'],
  ['too small', new Uint8Array(new SharedArrayBuffer(4096)), 'expected at least 16384'],
  ['nothing', undefined, 'frame.stack is undefined'],
])("a frame's stack that is %s is refused", (_name, stack, message) => {
  const { park } = kernel.functions();
  const call = kernel.newCall(NR.getpid);
  expect(() => call.setFrame({ ip: park, stack: stack as never })).toThrow(message);
  call.release();
});

test('a ring whose header was overwritten is refused', () => {
  const ring = CompletionRing.create(4);
  view(syslet_ring, x86_64, ring.buffer).elements = 1 << 20;
  expect(() => kernel.newCall(NR.getpid, { ring })).toThrow('something wrote over its header');
  expect(() => kernel.newCall(NR.getpid, { ring: {} as never })).toThrow(
    'expected a CompletionRing',
  );
});

const call = kernel.newCall(NR.getpid);
const wrong: readonly [string, () => unknown, string][] = [
  ['nr -1', () => (call.nr = -1), 'nr is -1, expected an integer from 0'],
  ["nr '39'", () => (call.nr = '39' as never), "nr is '39', expected a number"],
  ['index 6', () => call.setArg(6, 0), 'index is 6, expected an integer from 0 to 5'],
  ['an argument of 1.5', () => call.setArg(0, 1.5), 'argument 0 is 1.5, expected an integer'],
  ['2^53', () => call.setArg(0, 2 ** 53), 'argument 0 is 9007199254740992'],
  [
    'a string',
    () => call.setArg(1, 'x' as never),
    "argument 1 is 'x', expected a number, a bigint",
  ],
  ['null', () => call.setArg(1, null as never), 'argument 1 is null, expected a number'],
  ['an ArrayBuffer', () => call.setArg(1, new ArrayBuffer(1) as never), 'or a typed array'],
  ['2n ** 64n', () => call.setArg(0, 2n ** 64n), 'a bigint from -(2n**63n) to 2n**64n - 1n'],
  ['seven arguments', () => call.setArgs(1, 2, 3, 4, 5, 6, 7), 'the number of arguments is 7'],
  ['a callerData of NaN', () => call.setCallerData(Number.NaN), 'callerData is NaN'],
  ['flags of -1', () => call.setFileFlags(-1), 'flags is -1'],
  ['address 0n', () => kernel.registerFunction(0n), 'address is 0n, expected that of a function'],
  ['address 1', () => kernel.registerFunction(1 as never), 'address is 1, expected a bigint'],
];

test.each(wrong)('%s is refused', (_name, use, message) => {
  expect(use).toThrow(message);
});
