import { afterAll, expect, test } from 'vitest';
import { Kernel, NR } from '../../lib/kernel/index.ts';
import { native } from '../../lib/native.ts';
import { CompletionRing } from '../../lib/ring/index.ts';

// sys_indirect on raw addresses: whatever they are, the answer is an errno and nobody dies.

const EFAULT = -14n;
const EINVAL = -22n;
const PAGE = 4096n;
const kernel = Kernel.attach();
const ring = CompletionRing.create(4);
const stack = new Uint8Array(new SharedArrayBuffer(16_384));
const top = native().addressOf(stack) + 16_384n;
const regs = new BigUint64Array(new SharedArrayBuffer(56));
const params = new BigUint64Array(new SharedArrayBuffer(32));
const REGS = native().addressOf(regs);
const PARAMS = native().addressOf(params);

afterAll(() => {
  kernel.detach();
});

/** Memory with these rights, of two pages. */
function map(protection: number): bigint {
  const [PROT_NONE, MAP_PRIVATE_ANON, MMAP] = [0, 0x22, 9];
  const call = kernel
    .newCall(MMAP)
    .setArgs(0, 2n * PAGE, protection ?? PROT_NONE, MAP_PRIVATE_ANON, -1, 0);
  call.runOrThrow();
  const address = call.result;
  call.release();
  return address;
}

const NONE = map(0);
const READ_ONLY = map(1);

/** A getpid with all that v7 asks for; members can be replaced. */
function submit(wrong: { ring?: bigint; ip?: bigint; sp?: bigint; nr?: bigint } = {}): void {
  regs.fill(0n);
  regs[0] = wrong.nr ?? BigInt(NR.getpid);
  params[0] = wrong.ring ?? ring.address;
  params[1] = 77n;
  params[2] = wrong.ip ?? kernel.functions().park;
  params[3] = wrong.sp ?? top;
}

const PLACES: readonly (readonly [string, bigint])[] = [
  ['NULL', 0n],
  ['the first page', 64n],
  ['memory without access', NONE],
  ['a kernel address', 0xffff_8000_0000_0000n],
  ['a non-canonical address', 0x8000_0000_0000_0000n],
  ['the last byte', 0xffff_ffff_ffff_ffffn],
];

test('the same call with good addresses works', () => {
  submit();
  expect(kernel.indirect(REGS, PARAMS, 32)).toEqual({ value: BigInt(process.pid), pending: false });
});

test.each(PLACES)('registers at %s', (_name, address) => {
  submit();
  expect(kernel.indirect(address, PARAMS, 32).value).toBe(EFAULT);
});

test.each(PLACES)('registers that end at %s', (_name, address) => {
  submit();
  expect(kernel.indirect(BigInt.asUintN(64, address - 8n), PARAMS, 32).value).toBe(EFAULT);
});

test.each(PLACES)('parameters at %s', (_name, address) => {
  submit();
  expect(kernel.indirect(REGS, address, 32).value).toBe(EFAULT);
});

test('registers and parameters need no alignment', () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(128));
  submit();
  bytes.set(new Uint8Array(regs.buffer), 3);
  bytes.set(new Uint8Array(params.buffer), 69);
  const at = native().addressOf(bytes);
  expect(kernel.indirect(at + 3n, at + 69n, 32).value).toBe(BigInt(process.pid));
});

test('registers and parameters may be read-only', () => {
  // zeros: system call 0 without a syslet is none of those that create a descriptor
  expect(kernel.indirect(READ_ONLY, READ_ONLY, 32).value).toBe(EINVAL);
});

// A NULL ring pointer means "no syslet": then only calls that create a descriptor run
test('a ring at NULL is no syslet', () => {
  submit({ ring: 0n });
  expect(kernel.indirect(REGS, PARAMS, 32).value).toBe(EINVAL);
});

test.each(PLACES.slice(1))('a ring at %s', (_name, address) => {
  submit({ ring: address });
  expect(kernel.indirect(REGS, PARAMS, 32).value).toBe(EFAULT);
});

test('a ring of zeros has no elements', () => {
  submit({ ring: READ_ONLY });
  expect(kernel.indirect(REGS, PARAMS, 32).value).toBe(EINVAL);
});

test.each([1n, 2n, 4n, 7n])('a ring that is misaligned by %d', (by) => {
  const shifted = new Uint32Array(new SharedArrayBuffer(256)).fill(4);
  submit({ ring: native().addressOf(shifted) + by });
  const { value } = kernel.indirect(REGS, PARAMS, 32);
  expect(value).toBe(EINVAL);
});

// it is the word below that is written first, and what lies below a mapping is anybody's
test.each(PLACES.slice(1))('a frame stack at %s', (_name, address) => {
  submit({ sp: address === NONE ? NONE + PAGE : address });
  expect(kernel.indirect(REGS, PARAMS, 32).value).toBe(EFAULT);
});

test('a read-only frame stack', () => {
  submit({ sp: READ_ONLY + PAGE });
  expect(kernel.indirect(REGS, PARAMS, 32).value).toBe(EFAULT);
});

test.each([
  ['frame.ip', { ip: 0n }],
  ['frame.sp', { sp: 0n }],
])('%s of 0', (_name, wrong) => {
  submit(wrong);
  expect(kernel.indirect(REGS, PARAMS, 32).value).toBe(EINVAL);
});

test('checks come in the order of v7: frame before ring, length before parameters', () => {
  submit({ ip: 0n, ring: NONE });
  expect(kernel.indirect(REGS, PARAMS, 32).value).toBe(EINVAL);
  expect(kernel.indirect(REGS, 0n, 1000).value).toBe(EINVAL);
  expect(kernel.indirect(0n, 0n, 1000).value).toBe(EFAULT);
  expect(kernel.indirect(0n, 0n, 1000, 1).value).toBe(EINVAL);
});

test.each([
  [0, EINVAL],
  [4, EINVAL],
  [64n, EINVAL],
  [0xffff_ffff_ffff_ffffn, EINVAL],
  [Number.MAX_SAFE_INTEGER, EINVAL],
])('paramslen %s', (paramslen, value) => {
  submit();
  expect(kernel.indirect(REGS, PARAMS, paramslen).value).toBe(value);
});

test.each([1, -1, 0x7fff_ffff, 0xffff_ffff])('flags %d', (flags) => {
  submit();
  expect(kernel.indirect(REGS, PARAMS, 32, flags).value).toBe(EINVAL);
});

test('bad addresses do not disturb a call that is pending', () => {
  const fds = new Int32Array(2);
  kernel.complete(NR.pipe2, fds, 0);
  const read = kernel
    .newCall(NR.read)
    .setArgs(fds[0] as number, new Uint8Array(1), 1)
    .setCallerData(5);
  read.run();
  expect(read.pending).toBe(true);
  for (const [, address] of PLACES) {
    submit();
    expect(kernel.indirect(address, address, 32).value).toBe(EFAULT);
  }
  kernel.complete(NR.write, fds[1] as number, new Uint8Array(1), 1);
  kernel.ring.wait({ timeoutMs: 5000 });
  const found: [number, number][] = [];
  kernel.ring.reap((status, data) => found.push([status, data]));
  expect(found).toEqual([[1, 5]]);
});
