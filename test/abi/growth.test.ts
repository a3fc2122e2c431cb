import { describe, expect, it } from 'vitest';
import {
  array,
  assign,
  atomic,
  bits,
  flexible,
  s390x,
  struct,
  type Target,
  toObject,
  u16,
  u32,
  u64,
  type ViewOf,
  view,
  x86_64,
} from '../../lib/abi/index.ts';

interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): void;
}

/** Node's types do not have it. */
function wasmMemory(options: object): WasmMemory {
  const { WebAssembly: wasm } = globalThis as unknown as {
    WebAssembly: { Memory: new (options: object) => WasmMemory };
  };
  return new wasm.Memory(options);
}

const one = struct('one', { a: u32, b: u64, low: bits(u32, 5), list: array(u16, 4) });
const tail = struct('tail', { n: u32, tail: flexible(u32) });

/** The library's types end before both; Node 20 has them. */
interface Growing {
  readonly shared: ArrayBufferLike;
  resize(bytes: number): void;
}

function growable(bytes: number, most: number): Growing {
  const options = { maxByteLength: most };
  const made = Reflect.construct(SharedArrayBuffer, [bytes, options]);
  return { shared: made, resize: (next) => made.grow(next) };
}

function resizable(bytes: number, most: number): Growing {
  const options = { maxByteLength: most };
  const made = Reflect.construct(ArrayBuffer, [bytes, options]);
  return { shared: made, resize: (next) => made.resize(next) };
}

const kinds = [
  ['a growable SharedArrayBuffer', growable],
  ['a resizable ArrayBuffer', resizable],
] as const;
const targets: readonly Target[] = [x86_64, s390x];

describe.each(kinds)('a view over %s', (_, make) => {
  it.each(targets)('reaches what has grown since an earlier view, on $name', (target) => {
    const { shared, resize } = make(64, 4096);
    const early = view(one, target, shared);
    early.a = 7;
    resize(4096);
    for (const at of [64, 1000, 4096 - 32]) {
      const late = view(one, target, shared, at);
      late.a = at;
      late.b = 2n ** 63n;
      late.low = 21;
      late.list.set(3, 9);
      expect([late.a, late.b, late.low, late.list[3]]).toEqual([at, 2n ** 63n, 21, 9]);
      expect(new DataView(shared).getUint32(at, target === x86_64)).toBe(at);
    }
    expect(early.a).toBe(7);
  });

  it('has a tail up to the end that there is now', () => {
    const { shared, resize } = make(64, 4096);
    const early = view(tail, x86_64, shared);
    resize(128);
    expect([early.tail.length, view(tail, x86_64, shared).tail.length]).toEqual([15, 31]);
  });

  it('reaches it by atomics', () => {
    const { shared, resize } = make(64, 4096);
    view(one, x86_64, shared);
    resize(256);
    const field = atomic(view(one, x86_64, shared, 192), 'a');
    expect([field.add(5), field.load()]).toEqual([0, 5]);
  });
});

type Values = Parameters<typeof assign<ViewOf<typeof one, Target>>>[1];

function subsetsOf(values: object): Values[] {
  const entries = Object.entries(values);
  return Array.from({ length: 2 ** entries.length }, (_, set) =>
    Object.fromEntries(entries.filter((_, bit) => (set >> bit) & 1)),
  );
}

/** What single stores could do must be done; of the rest nothing may be stored. */
function assignShrunk(target: Target, at: number, room: number, given: Values): void {
  const { shared, resize } = resizable(64, 64);
  const made = view(one, target, shared, at);
  resize(room);
  const isThere = Object.entries(given).every(([key, value]) => {
    const small = resizable(64, 64);
    const single = view(one, target, small.shared, at);
    small.resize(room);
    return storesWell(() => assign(single, { [key]: value }));
  });
  const before = new Uint8Array(shared).slice();
  const what = `${JSON.stringify(Object.keys(given))} at ${at} of ${room} bytes`;
  expect([what, storesWell(() => assign(made, given))]).toEqual([what, isThere]);
  if (!isThere) expect([what, new Uint8Array(shared)]).toEqual([what, before]);
  // What has gone reads as zero when the buffer has grown again.
  resize(64);
  if (isThere) expect([what, toObject(made)]).toMatchObject([what, given]);
}

function storesWell(store: () => void): boolean {
  try {
    store();
    return true;
  } catch (error) {
    expect((error as Error).message).toContain('was detached or has shrunk');
    return false;
  }
}

describe('a view over a resizable ArrayBuffer that has shrunk', () => {
  it('keeps what is there, and says so of what is not', () => {
    const { shared, resize } = resizable(64, 64);
    const [low, high] = [view(one, x86_64, shared), view(one, x86_64, shared, 32)];
    low.a = 3;
    resize(32);
    expect(low.a).toBe(3);
    expect(() => high.a).toThrow('one.a: its buffer was detached or has shrunk (to 32 bytes)');
    expect(() => view(one, x86_64, shared, 32)).toThrow('there are 0 (buffer of 32)');
    expect(view(one, x86_64, shared).a).toBe(3);
    resize(64);
    expect(high.a).toBe(0);
  });

  it('may have any length when the view is made', () => {
    for (const [, make] of kinds) {
      const { shared, resize } = make(45, 64);
      const made = view(one, x86_64, shared, 8);
      made.b = 5n;
      resize(64);
      expect([made.b, view(one, x86_64, shared, 32).b, view(one, x86_64, shared, 8).b]).toEqual([
        5n,
        0n,
        5n,
      ]);
    }
  });

  // The members of `one` end at these bytes of it: a, b, low, list (24 in all).
  it.each([x86_64, s390x])('is assigned as a whole or not at all, on $name', (target) => {
    const values = { a: 5, b: 2n, low: 3, list: [1, 2, 3, 4] };
    for (const at of [0, 12]) {
      for (let room = 0; room <= 40; room++) {
        for (const given of subsetsOf(values)) assignShrunk(target, at, room, given);
      }
    }
  });

  it('is assigned a flexible tail as a whole or not at all', () => {
    const { shared, resize } = resizable(64, 64);
    const made = view(tail, x86_64, shared);
    resize(16);
    const gone = 'tail: its buffer was detached or has shrunk (to 16 bytes) since';
    expect(() => assign(made, { n: 7, tail: [1, 2, 3, 4] })).toThrow(gone);
    expect(new Uint8Array(shared).every((byte) => byte === 0)).toBe(true);
    assign(made, { n: 7 });
    expect(made.n).toBe(7);
  });
});

describe('a view over a WebAssembly.Memory', () => {
  it.each([
    ['of one thread', { initial: 1, maximum: 4 }],
    ['shared', { initial: 1, maximum: 4, shared: true }],
  ])('%s follows its buffer', (_, options) => {
    const memory = wasmMemory(options);
    const early = view(one, x86_64, memory.buffer, 65536 - 32);
    early.a = 5;
    memory.grow(1);
    const late = view(one, x86_64, memory.buffer, 65536);
    late.b = 9n;
    expect([late.b, view(one, x86_64, memory.buffer, 65536 - 32).a]).toEqual([9n, 5]);
    if ('shared' in options) expect(early.a).toBe(5);
    else expect(() => early.a).toThrow('was detached or has shrunk (to 0 bytes) since the view');
  });
});
