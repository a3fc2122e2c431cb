import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Aiocb, aio_read, aio_return, aio_suspend, aio_write } from '../../lib/aio/index.ts';
import { registerOf } from '../../lib/kernel/argument.ts';
import { checkFrame, FRAME_STACK_BYTES, newFrameStack } from '../../lib/kernel/frame.ts';
import { NR } from '../../lib/kernel/index.ts';
import { canBeTransferred } from '../../lib/loop/addresses.ts';
import { addressOf, isDetached, Loop, lengthOf } from '../../lib/loop/index.ts';
import { native } from '../../lib/native.ts';
import { PollList, SocketAddress, sys } from '../../lib/posix/index.ts';
import { newPipe, newSocketPair } from './pipes.ts';

// A view's class, or the view itself, may say where its memory lies and how long it is. What counts
// is where it lies. All views here lie in the midst of longer memory, where a write beside them shows.

const BYTES = 8;
const AT = 1000;
const ELSEWHERE = 2000;
const ROOM = 65_536;
const TEXT = '0123456789'.repeat(50);
const [POLLOUT, SOCK_DGRAM] = [4, 2];

const folder = mkdtempSync(join(tmpdir(), 'syslets-lying-'));
const path = join(folder, 'file');
writeFileSync(path, TEXT);
afterAll(() => rmSync(folder, { recursive: true }));

class LongArray extends Uint8Array {
  override get byteLength() {
    return 300;
  }
  override get length() {
    return 300;
  }
}
class MovedArray extends Uint8Array {
  override get byteOffset() {
    return AT + 500;
  }
}
/** The types of DataView's class differ between releases of TypeScript. */
const Data = DataView as unknown as new (buffer: ArrayBuffer, at: number, bytes: number) => object;
class LongDataView extends Data {
  get byteLength() {
    return 300;
  }
}
class MovedDataView extends Data {
  get byteOffset() {
    return AT + 500;
  }
}

type Make = (buffer: ArrayBuffer) => Uint8Array;
const viewOf = (kind: unknown): Make => {
  const Kind = kind as new (buffer: ArrayBuffer, at: number, bytes: number) => Uint8Array;
  return (buffer) => new Kind(buffer, AT, BYTES);
};
const owning =
  (name: string, value: unknown): Make =>
  (buffer) =>
    Object.defineProperty(Buffer.from(buffer, AT, BYTES), name, { value });

const lies: readonly [string, Make][] = [
  ['a class with a byteLength', viewOf(LongArray)],
  ['a class with a byteOffset', viewOf(MovedArray)],
  ['a DataView with a byteLength', viewOf(LongDataView)],
  ['a DataView with a byteOffset', viewOf(MovedDataView)],
  ['its own byteLength', owning('byteLength', 300)],
  ['a byteLength of 0', owning('byteLength', 0)],
  ['its own byteOffset', owning('byteOffset', 0)],
  ['its own buffer', owning('buffer', new SharedArrayBuffer(8))],
];

/** Opens the file for one use of it. */
function withFile<T>(use: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function receive(view: Uint8Array): number {
  const [one, other] = newSocketPair();
  sys.write.sync(one, Buffer.from(TEXT));
  const received = sys.recvmsg.sync(other, { buffers: [view] });
  for (const fd of [one, other]) closeSync(fd);
  return received;
}

/** Stores a control message of 24 bytes: there is room for none in what is lent. */
function receiveControl(view: Uint8Array): number {
  const [one, other] = newSocketPair();
  const SO_PASSCRED = 16;
  sys.call.sync('setsockopt', other, 1, SO_PASSCRED, new Int32Array([1]), 4);
  sys.write.sync(one, Buffer.from('12345678'));
  const received = sys.recvmsg.sync(other, { buffers: [Buffer.alloc(BYTES)], control: view });
  for (const fd of [one, other]) closeSync(fd);
  return received;
}

async function aioRead(view: Uint8Array): Promise<number> {
  const fd = openSync(path, 'r');
  const block = new Aiocb({ aio_fildes: fd, aio_buf: view });
  aio_read(block);
  await aio_suspend([block]);
  closeSync(fd);
  return aio_return(block);
}

const raw = (view: Uint8Array, fd: number) => {
  const { kernel } = Loop.current();
  return kernel.complete(NR.read, fd, view, BYTES);
};

const readers: readonly [string, (view: Uint8Array) => number | Promise<number>][] = [
  ['read', (view) => withFile((fd) => sys.read.sync(fd, view))],
  ['pread, async', (view) => sys.pread.async(shared, view, 0)],
  ['readv', (view) => withFile((fd) => sys.readv.sync(fd, [view]))],
  ['pread', (view) => withFile((fd) => sys.pread.sync(fd, view, 0))],
  ['recvmsg', receive],
  ['recvmsg, control', receiveControl],
  ['getrandom', (view) => sys.getrandom.sync(view)],
  ['aio_read', aioRead],
  ['sys.call', (view) => withFile((fd) => sys.call.sync('read', fd, view, BYTES))],
  ['Kernel.complete', (view) => withFile((fd) => raw(view, fd))],
];

const shared = openSync(path, 'r');
afterAll(() => closeSync(shared));

/** Bytes of the memory that are not what it was filled with. */
function touched(buffer: ArrayBuffer): number[] {
  return [...new Uint8Array(buffer).entries()]
    .filter(([, byte]) => byte !== 0xaa)
    .map(([at]) => at);
}

const place = (at: number) => Array.from({ length: BYTES }, (_, i) => at + i);

test.each(
  readers.flatMap(([call, read]) => lies.map(([lie, make]) => [call, lie, read, make] as const)),
)('%s into a view with %s', async (call, _, read, make) => {
  const buffer = new ArrayBuffer(ROOM);
  new Uint8Array(buffer).fill(0xaa);
  expect(await read(make(buffer))).toBe(BYTES);
  // one byte of 256 that are random is what it was
  const allowed = new Set(place(AT));
  expect(touched(buffer).filter((at) => !allowed.has(at))).toEqual([]);
  if (call.startsWith('getrandom') || call.endsWith('control')) return;
  expect(touched(buffer)).toEqual(place(AT));
  expect(Buffer.from(buffer, AT, BYTES).toString()).toBe(TEXT.slice(0, BYTES));
});

test.each(lies)('an honest view of a buffer behind one with %s', (_, make) => {
  const buffer = new ArrayBuffer(ROOM);
  new Uint8Array(buffer).fill(0xaa);
  const lying = make(buffer);
  expect(addressOf(lying, 'view')).toBe(Number(native().addressOf(lying)));
  const honest = new Uint8Array(buffer, ELSEWHERE, BYTES);
  expect(sys.pread.sync(shared, honest, 0)).toBe(BYTES);
  expect(touched(buffer)).toEqual(place(ELSEWHERE));
});

test.each(lies)('write, writev and aio_write of a view with %s', async (_, make) => {
  const buffer = new ArrayBuffer(ROOM);
  Buffer.from(buffer).write('abcdefgh<not this>', AT);
  const out = join(folder, 'out');
  const fd = openSync(out, 'w');
  const view = make(buffer);
  expect([sys.write.sync(fd, view), sys.writev.sync(fd, [view])]).toEqual([BYTES, BYTES]);
  const block = new Aiocb({ aio_fildes: fd, aio_buf: view, aio_offset: 16 });
  aio_write(block);
  await aio_suspend([block]);
  expect(aio_return(block)).toBe(BYTES);
  closeSync(fd);
  expect(readFileSync(out, 'utf8')).toBe('abcdefgh'.repeat(3));
});

test('structs, paths and offsets have the length that they have', () => {
  const F_GETLK = 5;
  const lying = owning('byteLength', 300);
  expect(() => sys.fcntl.sync(shared, F_GETLK, lying(new ArrayBuffer(ROOM)))).toThrow(
    'argument has 8 bytes',
  );
  const name = Object.defineProperty(Buffer.from(path), 'length', { value: 3 });
  closeSync(sys.openat.sync(-100, name, 0));
  const offset = Object.defineProperty(new BigInt64Array(0), 'length', { value: 1 });
  const pipe = newPipe();
  expect(() => sys.splice.sync(shared, offset, pipe.writeEnd, null, 4, 0)).toThrow('no element');
  pipe.close();
});

test('a list of poll and an address are filled in where they are', () => {
  const memory = new Uint8Array(new SharedArrayBuffer(ROOM)).fill(7);
  const short = memory.subarray(AT, AT + BYTES);
  const pipe = newPipe();
  const list = new PollList([{ fd: pipe.writeEnd, events: POLLOUT }]);
  Object.defineProperties(list, { bytes: { value: short }, length: { value: ELSEWHERE } });
  expect(sys.poll.sync(list, 0)).toBe(1);
  expect(list.revents(0)).toBe(POLLOUT);
  pipe.close();
  const [one, other] = newSocketPair(SOCK_DGRAM);
  const from = SocketAddress.unix('/before');
  Object.defineProperty(from, 'storage', { value: short });
  sys.write.sync(other, Buffer.from('x'));
  expect(sys.recvfrom.sync(one, Buffer.alloc(BYTES), 0, from)).toBe(1);
  sys.write.sync(other, Buffer.from('x'));
  expect(sys.recvmsg.sync(one, { buffers: [Buffer.alloc(BYTES)], address: from }, 0)).toBe(1);
  expect([from.family, from.length]).toEqual([0, 0]);
  for (const fd of [one, other]) closeSync(fd);
  expect(memory.every((byte) => byte === 7)).toBe(true);
});

test('what only says that it is such a list or address is none', () => {
  const list = Object.create(PollList.prototype, { bytes: { value: new Uint8Array(BYTES) } });
  expect(() => sys.poll.sync(list, 0)).toThrow('expected new PollList(');
  const address = Object.create(SocketAddress.prototype);
  expect(() => sys.recvfrom.sync(-1, Buffer.alloc(1), 0, address)).toThrow(
    'expected SocketAddress.ip(',
  );
  expect(() => sys.recvmsg.sync(-1, { buffers: [], address }, 0)).toThrow('message.address is');
});

test('memory that can be transferred is held, whatever buffer its view names', () => {
  const view = owning('buffer', new SharedArrayBuffer(8))(new ArrayBuffer(ROOM));
  expect(canBeTransferred(view)).toBe(true);
  const buffer = Object.setPrototypeOf(new ArrayBuffer(8), SharedArrayBuffer.prototype);
  expect(canBeTransferred(new Uint8Array(buffer))).toBe(true);
  const addresses = { addressOf: native().addressOf, holdsMemory: false };
  expect(() => registerOf('view', view, addresses)).toThrow('view is a view of an ArrayBuffer');
});

test('a resizable buffer is refused, whatever its class says', () => {
  class Fixed extends ArrayBuffer {
    get resizable() {
      return false;
    }
  }
  const Kind = Fixed as unknown as new (bytes: number, options: object) => ArrayBuffer;
  const view = new Uint8Array(new Kind(64, { maxByteLength: 128 }), 8, 8);
  expect(() => addressOf(view, 'view')).toThrow('resizable');
});

test('a view that is detached, whatever it and its buffer say', () => {
  for (const make of [...lies.map(([, one]) => one), viewOf(DataView)]) {
    const buffer = new ArrayBuffer(ROOM);
    const view = make(buffer);
    Object.defineProperty(buffer, 'byteLength', { value: ROOM });
    addressOf(view, 'view');
    structuredClone(buffer, { transfer: [buffer] });
    expect(isDetached(view)).toBe(true);
    expect(() => lengthOf(view, 'view')).toThrow('view is detached');
    expect(() => addressOf(view, 'view')).toThrow('view is detached');
  }
});

test('a frame whose stack is short, and one whose members change', () => {
  const ip = native().functions().park;
  const stack = new Uint8Array(new SharedArrayBuffer(ROOM), 0, 64);
  Object.defineProperty(stack, 'byteLength', { value: FRAME_STACK_BYTES });
  expect(() => checkFrame({ ip, stack })).toThrow('frame.stack.byteLength is 64');
  let reads = 0;
  const frame = {
    get ip() {
      return reads++ === 0 ? ip : 0x1234n;
    },
    stack: newFrameStack(),
  };
  const call = Loop.current().kernel.newCall(NR.getpid);
  call.setFrame(frame);
  call.release();
  expect(reads).toBe(1);
});
