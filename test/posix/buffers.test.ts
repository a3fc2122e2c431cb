import { closeSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Loop } from '../../lib/loop/index.ts';
import { native } from '../../lib/native.ts';
import { sys } from '../../lib/posix/index.ts';
import { newPipe } from './pipes.ts';

// gc() comes from vitest's execArgv
const collect = async () => {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    globalThis.gc?.();
  }
};

const F_GETLK = 5;
const IN_CREATE = 0x100;

type Transferable = ArrayBuffer & { transfer?: () => ArrayBuffer };

/** Each takes the memory away from its buffer; what it gives keeps nothing of it. */
const ways: readonly [string, (buffer: Transferable) => void][] = [
  ['structuredClone', (buffer) => void structuredClone(buffer, { transfer: [buffer] })],
  [
    'postMessage',
    (buffer) => {
      const { port1, port2 } = new MessageChannel();
      port1.postMessage(buffer, [buffer]);
      port1.close();
      port2.close();
    },
  ],
  ['transfer', (buffer) => void buffer.transfer?.()],
];

// 4 MiB are mapped and unmapped by themselves: a write to memory that was freed is an EFAULT, and
// the read would not say 5
const BYTES = 4 << 20;

test.each(ways)(
  'memory that goes by %s while a call is in flight stays until it is over',
  async (name, take) => {
    if (name === 'transfer' && !('transfer' in ArrayBuffer.prototype)) {
      return expect(Number(process.versions.node.split('.')[0])).toBeLessThan(22);
    }
    const pipe = newPipe();
    let view: Uint8Array | undefined = new Uint8Array(BYTES);
    const reading = sys.read(pipe.readEnd, view);
    expect(reading).toBeInstanceOf(Promise);
    take(view.buffer as Transferable);
    expect(view.length).toBe(0);
    view = undefined;
    await collect();
    pipe.write('hello');
    expect(await reading).toBe(5);
    pipe.close();
  },
);

/** The compiler's lib knows nothing of it. */
interface Wasm {
  readonly WebAssembly: {
    readonly Memory: new (options: {
      initial: number;
    }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  };
}

test('a memory of WebAssembly that grows while a call is in flight', async () => {
  const pipe = newPipe();
  const { WebAssembly } = globalThis as unknown as Wasm;
  const memory = new WebAssembly.Memory({ initial: 2 });
  const reading = sys.read(pipe.readEnd, new Uint8Array(memory.buffer));
  memory.grow(1000);
  await collect();
  pipe.write('hello');
  expect(await reading).toBe(5);
  pipe.close();
});

test('who has the memory of a transferred buffer has what the kernel read', async () => {
  const pipe = newPipe();
  const buffer = new ArrayBuffer(16);
  const reading = sys.read(pipe.readEnd, new Uint8Array(buffer));
  const taken = structuredClone(buffer, { transfer: [buffer] });
  pipe.write('hello');
  expect(await reading).toBe(5);
  expect(Buffer.from(taken, 0, 5).toString()).toBe('hello');
  pipe.close();
});

test('memory is let go when its calls are over', async () => {
  const pipe = newPipe();
  const reads = Array.from({ length: 10 }, () =>
    sys.call('read', pipe.readEnd, Buffer.alloc(1), 1),
  );
  expect(native().counters().pins).toBeGreaterThan(0n);
  pipe.write('0123456789');
  await Promise.all(reads);
  // a task lets go of its call's memory just after the completion is there
  while (native().counters().pins !== 0n) {
    Loop.current().reap();
    await new Promise(setImmediate);
  }
  pipe.close();
});

test('a buffer that is in flight and that nobody else holds is not collected', async () => {
  const pipe = newPipe();
  let gone = false;
  const registry = new FinalizationRegistry(() => {
    gone = true;
  });
  const read = () => {
    const view = new Uint8Array(new SharedArrayBuffer(8));
    registry.register(view, undefined);
    return sys.read(pipe.readEnd, view);
  };
  const reading = read();
  await collect();
  expect(gone).toBe(false);
  pipe.write('x');
  expect(await reading).toBe(1);
  pipe.close();
});

test('a detached buffer is refused, an empty one is not', () => {
  const pipe = newPipe();
  const view = new Uint8Array(8);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  expect(() => sys.read(pipe.readEnd, view)).toThrow(
    'buffer is detached: its memory was transferred; use the view that has it now',
  );
  const known = Buffer.alloc(8);
  pipe.write('abc');
  expect(sys.read.sync(pipe.readEnd, known)).toBe(3);
  structuredClone(known.buffer, { transfer: [known.buffer] });
  expect(() => sys.read(pipe.readEnd, known)).toThrow('buffer is detached');
  expect(() => sys.readv(pipe.readEnd, [known])).toThrow('buffers[0] is detached');
  expect(sys.read.sync(pipe.readEnd, Buffer.alloc(0))).toBe(0);
  pipe.close();
});

interface ResizableConstructor {
  new (length: number, options: { maxByteLength: number }): ArrayBuffer;
}

test('a detached buffer is refused too where its length is no argument', () => {
  const known = new Uint8Array(64);
  expect(sys.call('getrandom', known, 8, 0)).toBe(8);
  structuredClone(known.buffer, { transfer: [known.buffer] });
  expect(() => sys.call('getrandom', known, 8, 0)).toThrow('argument 0 is detached');
  expect(() => sys.fcntl(0, F_GETLK, known)).toThrow('argument is detached');
});

test('a view of a result whose buffer was transferred meanwhile: it rejects with the reason', async () => {
  const fd = sys.call.sync('inotify_init1', 0);
  const folder = mkdtempSync(join(tmpdir(), 'syslets-inotify-'));
  sys.call.sync('inotify_add_watch', fd, folder, IN_CREATE);
  const buffer = new Uint8Array(4096);
  const reading = sys.inotify_read.async(fd, buffer);
  const taken = structuredClone(buffer, { transfer: [buffer.buffer] });
  writeFileSync(join(folder, 'made'), '');
  await expect(reading).rejects.toThrow(
    'InotifyEvents cannot be shown: their buffer was transferred while the call was in flight',
  );
  expect(Buffer.from(taken).toString()).toContain('made');
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

// Until its turn comes nobody holds the memory of a call: the kernel must never see it
test('a call whose buffer was transferred while it waited for its turn is not made', async () => {
  sys.detach();
  sys.configure({ maxTasks: 4 });
  const [busy, other] = [newPipe(), newPipe()];
  const first = [0, 1].map(() => sys.call('read', busy.readEnd, Buffer.alloc(1), 1));
  const views = [new Uint8Array(64), new Uint8Array(64)];
  const waiting = [
    sys.call.async('read', other.readEnd, views[0] as Uint8Array, 64),
    sys.preadv2.async(other.readEnd, [Buffer.alloc(1), views[1] as Uint8Array], -1),
  ].map((one) => one.catch((error: Error) => error.message));
  const taken = views.map((view) => structuredClone(view, { transfer: [view.buffer] }));
  other.write('hello');
  busy.write('xy');
  await Promise.all(first);
  const why = 'was not made: its buffer was transferred while the call waited for its turn';
  for (const end of await Promise.all(waiting)) expect(end).toContain(why);
  expect(taken.every((view) => view.every((byte) => byte === 0))).toBe(true);
  expect(await sys.read(other.readEnd, Buffer.alloc(8))).toBe(5);
  for (const pipe of [busy, other]) pipe.close();
  sys.detach();
  sys.configure({});
});

test('a resizable buffer is refused with the reason, a growable shared one is not', async () => {
  const pipe = newPipe();
  const Resizable = ArrayBuffer as unknown as ResizableConstructor;
  const tracking = new Uint8Array(new Resizable(8, { maxByteLength: 16 }));
  expect(() => sys.read(pipe.readEnd, tracking)).toThrow(
    'buffer is a view of a resizable ArrayBuffer, which can shrink while the kernel writes to it',
  );
  const fixed = new Uint8Array(new Resizable(8, { maxByteLength: 16 }), 0, 4);
  expect(() => sys.preadv2(pipe.readEnd, [fixed], 0)).toThrow(
    'buffers[0] is a view of a resizable',
  );
  const Growable = SharedArrayBuffer as unknown as ResizableConstructor;
  const growing = new Uint8Array(new Growable(8, { maxByteLength: 16 }));
  pipe.write('hello');
  expect(await sys.read(pipe.readEnd, growing)).toBe(5);
  pipe.close();
});

test('nothing is written behind a short buffer', async () => {
  const pipe = newPipe();
  const memory = Buffer.alloc(16, '.');
  pipe.write('hello world');
  expect(await sys.read(pipe.readEnd, memory.subarray(4, 9))).toBe(5);
  expect(memory.toString()).toBe('....hello.......');
  expect(await sys.read(pipe.readEnd, new DataView(memory.buffer, memory.byteOffset, 2))).toBe(2);
  expect(memory.toString()).toBe(' w..hello.......');
  pipe.close();
});

test('memory that is shorter than what the kernel reads or writes is refused', () => {
  const short = Buffer.alloc(3);
  expect(() => sys.wait4(-1, short as never, 0)).toThrow(
    'status has 3 bytes, the kernel reads or writes 4',
  );
  expect(() => sys.nanosleep(1, new BigInt64Array(1))).toThrow('remaining has 8 bytes');
  expect(() => sys.epoll_wait(0, short)).toThrow(
    'events has 3 bytes, the kernel reads or writes 12',
  );
  expect(() => sys.copy_file_range(0, new BigInt64Array(), 1, null, 1)).toThrow('offsetIn has no');
});

test.each([
  ['a string', 'text', "buffer is 'text', expected a Buffer, typed array or DataView"],
  ['an ArrayBuffer', new ArrayBuffer(8), 'expected a Buffer, typed array or DataView'],
  ['nothing', undefined, 'buffer is undefined'],
  ['null', null, 'buffer is null'],
])('%s is no buffer', (_name, value, message) => {
  expect(() => sys.read(0, value as never)).toThrow(message);
});
