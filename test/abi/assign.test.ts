import { describe, expect, it } from 'vitest';
import { readValue, writeValue } from '../../lib/abi/bytes.ts';
import {
  array,
  assign,
  atomic,
  bits,
  char,
  copy,
  cursor,
  enumeration,
  equal,
  flexible,
  layout,
  longdouble,
  type RecordType,
  s390x,
  struct,
  type Target,
  targets,
  text,
  toObject,
  u8,
  u16,
  u32,
  u64,
  union,
  view,
  x86_64,
} from '../../lib/abi/index.ts';
import { TypeMaker } from '../../lib/abi-tools/fuzz-types.ts';
import { type Leaf, leavesOf } from '../../lib/abi-tools/leaves.ts';
import { Random } from '../../lib/abi-tools/random.ts';

const state = enumeration('state', { IDLE: 0, BUSY: 1 });
const point = struct('point', { x: u16, y: u16 });
const record = struct('record', {
  id: u64,
  state,
  states: array(state, 2),
  name: array(char, 8),
  at: point,
  path: array(point, 3),
  rest: flexible(u8),
});

const made = (target: Target = x86_64) => view(record, target, new ArrayBuffer(64));

describe('assign', () => {
  it('stores members, nested ones, elements, names of enumerators and text', () => {
    const one = made();
    one.path.get(2).x = 5;
    const given = { id: 3n, state: 'BUSY', name: 'bob', at: { y: 4 }, path: [{ x: 1 }] } as const;
    expect(assign(one, given)).toBe(one);
    assign(one, { states: ['BUSY', 0], rest: new Set([1, 2]) });
    expect([one.id, one.state, text(one.name), one.at.y]).toEqual([3n, 1, 'bob', 4]);
    expect([one.path.get(0).x, one.path.get(2).x, one.states.get(0)]).toEqual([1, 5, 1]);
    expect([...one.rest].slice(0, 3)).toEqual([1, 2, 0]);
    assign(one.path, [{ x: 9 }, { x: 8 }]);
    expect(one.path.get(1).x).toBe(8);
  });

  it('stores nothing where one value does not fit', () => {
    const one = made();
    const refused = (values: unknown, message: string) => {
      expect(() => assign(one, values as never)).toThrow(message);
      expect(toObject(one)).toEqual(toObject(made()));
    };
    refused({ id: 1n, at: { x: 70000 } }, 'point.x: expected an integer from 0 to 65535');
    refused({ id: 1n, nope: 2 }, "record has no member 'nope'");
    refused({ id: 1n, at: { x: 1, z: 2 } }, "point has no member 'z'");
    refused({ id: 1n, state: 'GONE' }, 'record.state: there is no enumerator "GONE" (IDLE, BUSY)');
    refused({ id: 1n, states: [0, 0, 0] }, 'record.states: got 3 values, it has 2 elements');
    refused({ id: 1n, at: 7 }, 'point: expected an object with its members, got 7');
    refused({ id: 1n, path: 7 }, 'record.path: expected values for its elements, got 7');
    refused({ ...one, id: 1n }, 'assign(): got { ...view }, which has none of its members');
    refused({ id: 1n, at: { ...one.at } }, 'assign(): got { ...view }');
    refused({ id: 1n, name: 'much too long' }, 'record.name: expected text of at most 7 bytes');
    refused({ id: 1 }, 'record.id: expected a bigint, got 1');
    refused([1], 'record: expected an object with its members');
  });

  it('refuses the spread of an element, in the first memory of such elements and in another', () => {
    for (const _ of ['first', 'second']) {
      const rows = view(array(point, 2), x86_64, new ArrayBuffer(8));
      rows.get(0).x = 7;
      const spread = { ...rows.get(0) } as never;
      expect(() => assign(rows.get(1), spread)).toThrow('assign(): got { ...view }');
      expect(rows.get(1).x).toBe(0);
    }
  });

  it('reads what it is given once', () => {
    const one = made();
    let reads = 0;
    const values = {
      get id() {
        reads += 1;
        return 7n;
      },
      states: (function* () {
        yield 1;
      })(),
    };
    assign(one, values);
    expect([one.id, one.states.get(0), reads]).toEqual([7n, 1, 1]);
  });

  it('takes a view, of another target too', () => {
    const [big, little] = [made(s390x), made()];
    assign(big, { id: 0x0102n, name: 'x', path: [{ x: 3 }] });
    assign(little, big as never);
    expect([little.id, text(little.name), little.path.get(0).x]).toEqual([0x0102n, 'x', 3]);
  });
});

const all: readonly Target[] = Object.values(targets);

describe('copy and equal', () => {
  it('need one type and one target', () => {
    expect(() => copy(made(), made(s390x))).toThrow(
      'copy(): expected two views of one type and target, got record (x86_64) and record (s390x)',
    );
    const other = view(point, x86_64, new ArrayBuffer(8));
    expect(() => equal(made() as object, other)).toThrow('equal(): expected two views of one type');
    expect(() => equal(made(), {} as never)).toThrow('equal(): expected a view, got an object');
  });

  it('move within one memory, and with a cursor', () => {
    const rows = view(array(point, 3), x86_64, new ArrayBuffer(12));
    assign(rows, [{ x: 1 }, { x: 2 }, { x: 3 }]);
    const [row, move] = cursor(rows);
    copy(move(2), rows.get(0));
    expect(toObject(rows).map(({ x }) => x)).toEqual([3, 2, 3]);
    expect([equal(row, rows.get(0)), equal(row, rows.get(1))]).toEqual([true, false]);
  });

  it('treat arrays by their elements', () => {
    const lists = struct('lists', { a: array(u32, 3), b: array(u32, 3), c: array(u32, 2) });
    const one = view(lists, x86_64, new ArrayBuffer(32));
    one.a.set(1, 5);
    copy(one.a, one.b);
    expect([one.b.get(1), equal(one.a, one.b)]).toEqual([5, true]);
    expect(equal(one.a, one.c as never)).toBe(false);
    expect(() => copy(one.a, one.c as never)).toThrow(
      'lists.c: has 8 bytes, the view to copy has 12',
    );
  });

  it('leave padding out: of bit-fields, of long double', () => {
    const padded = struct('padded', { a: u8, b: u32, c: bits(u8, 3), d: longdouble });
    const [buffer, other] = [new ArrayBuffer(64), new ArrayBuffer(64)];
    const [one, two] = [view(padded, x86_64, buffer), view(padded, x86_64, other)];
    for (const byte of [1, 2, 3, 9, 26, 31]) new Uint8Array(buffer)[byte] = 255;
    new Uint8Array(buffer)[8] = 0xf8;
    expect(equal(one, two)).toBe(true);
    for (const byte of [0, 4, 7, 16, 25]) {
      new Uint8Array(buffer)[byte] = 1;
      expect([byte, equal(one, two)]).toEqual([byte, false]);
      new Uint8Array(buffer)[byte] = 0;
    }
    new Uint8Array(buffer)[8] = 4;
    expect(equal(one, two)).toBe(false);
  });

  it('agree with every bit of every value, of random structs on each target', () => {
    const seed = Number(process.env.SYSLETS_SEED ?? Date.now() % 2 ** 32);
    const random = new Random(seed);
    const maker = new TypeMaker(random, all);
    for (let count = 0; count < 150; count++) {
      const type: RecordType = maker.record();
      const target = random.pick(all);
      const where = `seed ${seed}, number ${count}, ${target.name}: ${type.name}`;
      const { size } = layout(type, target);
      const [ones, zeros] = [new ArrayBuffer(size), new ArrayBuffer(size)];
      new Uint8Array(ones).fill(255);
      const [a, b] = [view(type, target, ones) as object, view(type, target, zeros) as object];
      const leaves = leavesOf(type, target);
      expect(equal(a, b), where).toBe(leaves.length === 0);
      if (!leaves.some(({ access }) => access.longDouble)) {
        const dv = new DataView(ones);
        for (const { access } of leaves) writeValue(dv, 0, access, zero[access.value]);
        expect(equal(a, b), where).toBe(true);
        flipBits(zeros, leaves, random, (isSeen, bit) => {
          expect(equal(a, b), `${where}, bit ${bit}`).toBe(!isSeen);
        });
      }
      copy(a, b);
      expect(new Uint8Array(zeros), where).toEqual(new Uint8Array(ones));
      expect(equal(a, b), where).toBe(true);
    }
  });
});

const zero = { number: 0, bigint: 0n, boolean: false } as const;

/** Turns single bits of memory that is zero, and tells whether a value changes by it. */
function flipBits(
  memory: ArrayBuffer,
  leaves: readonly Leaf[],
  random: Random,
  look: (isSeen: boolean, bit: number) => void,
): void {
  const [dv, all] = [new DataView(memory), new Uint8Array(memory)];
  const read = () => leaves.map(({ access }) => readValue(dv, 0, access));
  const before = read();
  for (let count = 0; count < 20 && all.length > 0; count++) {
    const bit = random.below(all.length * 8);
    all[bit >> 3] = 1 << (bit & 7);
    look(!read().every((value, index) => Object.is(value, before[index])), bit);
    all[bit >> 3] = 0;
  }
}

describe('waitAsync', () => {
  const waited = struct('waited', { word: u32, wide: u64, small: u8 });
  const one = view(waited, x86_64, new SharedArrayBuffer(24));

  it('waits without blocking, for 4 and 8 bytes', async () => {
    for (const [field, zero, other] of [
      [atomic(one, 'word'), 0, 1],
      [atomic(one, 'wide'), 0n, 1n],
    ] as never as [ReturnType<typeof atomic<typeof waited, typeof x86_64, 'word'>>, 0, 1][]) {
      expect(field.waitAsync(other)).toEqual({ async: false, value: 'not-equal' });
      expect(field.waitAsync(zero, 0)).toEqual({ async: false, value: 'timed-out' });
      const waiting = field.waitAsync(zero);
      expect(waiting.async).toBe(true);
      field.store(other);
      expect(field.notify()).toBe(1);
      expect(await waiting.value).toBe('ok');
    }
  });

  it('says where it cannot', () => {
    expect(() => atomic(one, 'small').waitAsync(0)).toThrow('need 4 or 8 bytes');
    const big = view(waited, s390x, new SharedArrayBuffer(24));
    expect(() => atomic(big, 'word').waitAsync(0)).toThrow('is big-endian and this machine is not');
    const own = view(waited, x86_64, new ArrayBuffer(24));
    expect(() => atomic(own, 'word').waitAsync(0)).toThrow('need a SharedArrayBuffer');
  });
});

it('a union counts with each member', () => {
  const either = union('either', { small: u8, wide: u32 });
  const [a, b] = [1, 2].map(() => view(either, x86_64, new ArrayBuffer(4)));
  if (!a || !b) throw new Error('two views');
  a.wide = 256;
  expect([equal(a, b), a.small === b.small]).toEqual([false, true]);
});
