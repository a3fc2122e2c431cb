import { describe, expect, it } from 'vitest';
import {
  array,
  atomic,
  bits,
  cursor,
  flexible,
  i16,
  ppc64,
  struct,
  type Target,
  u8,
  u16,
  u32,
  u64,
  view,
  x86_64,
} from '../../lib/abi/index.ts';

// Every kind of member on every target: test/abi-tools/view-random.test.ts.

const point = struct('point', { x: u16, y: i16 });
const entry = struct('entry', {
  id: u32,
  flag: bits(u32, 3),
  at: point,
  list: array(u16, 3),
  points: array(point, 2),
  grid: array(array(u8, 2), 2),
  stamp: u64,
});
const table = struct('table', { count: u32, rows: array(entry, 5) });

/** A table in which each member tells its row. */
function filled(target: Target, at = 0) {
  const buffer = new SharedArrayBuffer(512);
  const one = view(table, target, buffer, at);
  for (let i = 0; i < one.rows.length; i++) {
    const row = one.rows.get(i);
    row.id = i + 10;
    row.flag = i;
    row.at.y = -i;
    row.list.set(2, i * 3);
    row.points.get(1).x = i * 5;
    row.grid.get(1).set(0, i * 7);
    row.stamp = BigInt(i) << 40n;
  }
  return one;
}

describe.each([
  ['aligned', x86_64, 0],
  ['unaligned', x86_64, 3],
  ['in the other byte order', ppc64, 0],
] as const)('a cursor, %s', (_, target, at) => {
  it('shows the element that it was moved to, nested views included', () => {
    const { rows } = filled(target, at);
    const [row, move] = cursor(rows);
    expect(row.id).toBe(10);
    for (const i of [3, 0, 4, 1, 2]) {
      expect(move(i)).toBe(row);
      expect([row.id, row.flag, row.at.y, row.stamp]).toEqual([
        i + 10,
        i,
        -i + 0,
        BigInt(i) << 40n,
      ]);
      expect([row.list.get(2), row.list[2], row.list.toArray()[2]]).toEqual([i * 3, i * 3, i * 3]);
      expect([row.points[1]?.x, row.points.at(-1)?.x]).toEqual([i * 5, i * 5]);
      expect([...row.points].map(({ x }) => x)).toEqual([0, i * 5]);
      expect(row.grid[1]?.[0]).toBe(i * 7);
    }
  });

  it('moves the views that were read from it', () => {
    const [row, move] = cursor(filled(target, at).rows);
    const { at: spot, list, points } = row;
    const second = points.get(1);
    move(3);
    expect([spot.y, list.get(2), second.x]).toEqual([-3, 9, 15]);
  });

  it('writes there and nowhere else', () => {
    const { rows } = filled(target, at);
    const [row, move] = cursor(rows);
    move(3);
    row.id = 99;
    row.at.x = 98;
    row.list.set(0, 97);
    row.points.get(0).y = -96;
    expect(rows.toArray().map(({ id }) => id)).toEqual([10, 11, 12, 99, 14]);
    expect(rows.toArray().map((one) => one.at.x)).toEqual([0, 0, 0, 98, 0]);
    expect(rows.toArray().map((one) => one.list.get(0))).toEqual([0, 0, 0, 97, 0]);
    expect(rows.toArray().map((one) => one.points[0]?.y)).toEqual([0, 0, 0, -96, 0]);
  });
});

describe('a cursor', () => {
  it('stays where it is when an index is wrong', () => {
    const { rows } = filled(x86_64);
    const [row, move] = cursor(rows);
    move(2);
    const loose = move as (index: unknown) => unknown;
    for (const index of [5, -1, 1.5, Number.NaN, 2 ** 32, '1', undefined, null, 1n, Infinity]) {
      const message = `table.rows[${String(index)}]: it has 5 elements`;
      expect(() => loose(index)).toThrow(new RangeError(message));
    }
    expect(row.id).toBe(12);
    row.list.set(1, 5);
    expect(() => row.list.get(3)).toThrow(new RangeError('entry.list[3]: it has 3 elements'));
    expect(() => row.points[2]).toThrow(new RangeError('entry.points[2]: it has 2 elements'));
  });

  it('names the field of a wrong value', () => {
    const [row, move] = cursor(filled(x86_64).rows);
    move(4);
    expect(() => {
      row.flag = 8;
    }).toThrow(new RangeError('entry.flag: expected an integer from 0 to 7, got 8'));
    expect(() => row.list.set(0, -1)).toThrow('entry.list[0]: expected an integer from 0 to 65535');
  });

  it('says that the buffer was detached or shrank', () => {
    type Resizable = ArrayBuffer & { resize(bytes: number): void };
    const Make = ArrayBuffer as unknown as new (bytes: number, o: object) => Resizable;
    for (const target of [x86_64, ppc64]) {
      const buffer = new Make(512, { maxByteLength: 512 });
      const [row, move] = cursor(view(table, target, buffer).rows);
      move(4);
      buffer.resize(64);
      expect(() => row.stamp).toThrow('entry.stamp: its buffer was detached or has shrunk (to 64');
      expect(() => {
        row.id = 1;
      }).toThrow(RangeError);
      expect(() => row.list.get(0)).toThrow('entry.list[]: its buffer was detached or has shrunk');
      structuredClone(buffer, { transfer: [buffer] });
      move(0);
      expect(() => row.id).toThrow('entry.id: its buffer was detached or has shrunk (to 0 bytes)');
    }
  });

  it('moves over flexible tails, arrays of arrays, and many elements', () => {
    const list = struct('list', { n: u32, items: flexible(point) });
    const [item, move] = cursor(view(list, x86_64, new ArrayBuffer(24)).items);
    expect(move(4)).toBe(item);
    expect(() => move(5)).toThrow(new RangeError('list.items[5]: it has 5 elements'));
    const words = new Uint16Array(6).fill(1).map((_, index) => index);
    const [pair, moveTo] = cursor(view(array(array(u16, 2), 3), x86_64, words.buffer));
    moveTo(2);
    expect(pair.toArray()).toEqual([4, 5]);
    const many = view(array(point, 100_000), x86_64, new ArrayBuffer(400_000));
    const [one, go] = cursor(many);
    go(99_999).x = 7;
    expect([one.x, many[99_999]?.x]).toEqual([7, 7]);
    expect(() => go(100_000)).toThrow(new RangeError('array[100000]: it has 100000 elements'));
    expect(() => go(0.5)).toThrow(RangeError);
  });

  it('leaves what atomic() and another cursor made of it where they are', () => {
    const { rows } = filled(x86_64);
    const [row, move] = cursor(rows);
    const id = atomic(move(3), 'id');
    const [inner, moveInner] = cursor(row.points);
    move(1);
    moveInner(1);
    expect([id.load(), inner.x]).toEqual([13, 15]);
  });

  it('refuses what it cannot move over', () => {
    const loose = cursor as (rows: unknown) => unknown;
    const one = filled(x86_64);
    const wanted = 'cursor(): expected a view of an array of structs, unions or arrays, got ';
    const list = one.rows.get(0).list;
    expect(() => loose(list)).toThrow(new TypeError(`${wanted}entry.list, an array of values`));
    expect(() => loose(one)).toThrow(new TypeError(`${wanted}table, which is no array`));
    expect(() => loose([{}])).toThrow(new TypeError(`${wanted}an object`));
    expect(() => loose(null)).toThrow(new TypeError(`${wanted}null`));
    const open = struct('open', { n: u32, rest: array(u8, 0) });
    expect(() => cursor(view(array(open, 2), x86_64, new ArrayBuffer(8)))).toThrow(
      'array: its elements end in an array that has no length of its own: use [i], not a cursor',
    );
  });

  it('allocates nothing', () => {
    const { rows } = filled(x86_64);
    const [row, move] = cursor(rows);
    let sum = 0;
    const use = (count: number) => {
      for (let i = 0; i < count; i++) {
        move(i % 5);
        row.at.x = i & 255;
        sum = (sum + row.at.x + row.list.get(1) + row.points.get(1).x) & 65535;
      }
    };
    use(50_000);
    gc?.();
    const before = process.memoryUsage().heapUsed;
    use(200_000);
    const perAccess = (process.memoryUsage().heapUsed - before) / (5 * 200_000);
    expect(sum).toBeGreaterThan(0);
    expect(perAccess).toBeLessThan(1);
  });
});

describe('an array of structs', () => {
  it.each([3, 5000])('keeps the views of %i elements', (length) => {
    const rows = view(array(point, length), x86_64, new ArrayBuffer(length * 4));
    const last = rows.get(length - 1);
    last.x = 9;
    expect(rows[length - 1]).toBe(last);
    expect(rows.at(-1)).toBe(last);
    expect(rows.at(length)).toBeUndefined();
    expect([...rows].length).toBe(length);
    expect([...rows][length - 1]).toBe(last);
    for (const index of [length, -1, 0.5, '0']) {
      expect(() => rows.get(index as number)).toThrow(
        new RangeError(`array[${index}]: it has ${length} elements`),
      );
    }
    expect(() => {
      (rows as unknown as object[])[0] = {};
    }).toThrow(TypeError);
  });

  it.each([3, 5000])('takes of %i elements what compiled code has not met', (length) => {
    const rows = view(array(point, length), x86_64, new ArrayBuffer(length * 4));
    rows.get(2).x = 7;
    const get = (index: unknown) => rows.get(index as number).x;
    const at = (index: unknown) => rows.at(index as number)?.x;
    for (let i = 0; i < 20_000; i++) if (get(2) !== 7 || at(i % 3) === undefined) throw i;
    expect([at(2), at(2 - length), at(-0), at(-length)]).toEqual([7, 7, 0, 0]);
    for (const index of [length, -length - 1, 2 ** 32, -(2 ** 32), Number.NaN, undefined]) {
      expect(at(index)).toBeUndefined();
    }
    for (const index of ['2', 0.5, 1n]) {
      const error = new RangeError(`array[${index}]: it has ${length} elements`);
      expect(() => at(index)).toThrow(error);
      expect(() => get(index)).toThrow(error);
    }
    expect(() => get(length)).toThrow(RangeError);
    expect(() => get(-1)).toThrow(RangeError);
    expect([get(2), at(2)]).toEqual([7, 7]);
  });

  it('has elements of one class wherever they lie', () => {
    const of12 = struct('of12', { first: u64, last: u32 }, { packed: true });
    const rows = view(array(of12, 4), x86_64, new ArrayBuffer(48));
    const classes = new Set(rows.toArray().map((row) => Object.getPrototypeOf(row)));
    expect(classes.size).toBe(1);
    rows.toArray().forEach((row, i) => {
      row.first = BigInt(i) + 2n ** 63n;
      row.last = i;
    });
    expect(rows.toArray().map((row) => [row.first, row.last])).toEqual(
      [0, 1, 2, 3].map((i) => [BigInt(i) + 2n ** 63n, i]),
    );
  });

  it('reads its own memory, whichever was read before', () => {
    const type = array(struct('own', { constructor: u32, at: point }), 2);
    const buffers = [8, 9, 10].map(() => new SharedArrayBuffer(16));
    const all = buffers.map((buffer) => view(type, x86_64, buffer));
    all.forEach((rows, i) => {
      rows.get(1).constructor = i + 1;
      rows.get(1).at.y = -i;
    });
    for (let round = 0; round < 3000; round++) {
      const i = round % 3;
      const row = all[i]?.at(1);
      if (row?.constructor !== i + 1 || row.at.y !== 0 - i) throw new Error(`${i}`);
    }
    const again = buffers.map((buffer) => view(type, x86_64, buffer).get(1).constructor);
    expect(again).toEqual([1, 2, 3]);
    expect(buffers.map((buffer) => new Uint32Array(buffer)[2])).toEqual([1, 2, 3]);
    const [first] = view(array(point, 2), x86_64, new ArrayBuffer(8));
    expect(Object.keys(first ?? {})).toEqual([]);
    expect((first as { constructor?: unknown }).constructor).toBeUndefined();
  });

  it('keeps no memory whose views have gone', async () => {
    const type = array(struct('gone', { x: u32 }), 4);
    const made = () => {
      const buffer = new ArrayBuffer(16);
      view(type, x86_64, buffer).get(1).x = 1;
      return new WeakRef(buffer);
    };
    const first = made();
    for (let round = 0; first.deref() && round < 100; round++) {
      await new Promise((done) => setImmediate(done));
      gc?.();
    }
    expect(first.deref()).toBeUndefined();
    expect(view(type, x86_64, new ArrayBuffer(16)).get(1).x).toBe(0);
  });
});

describe('an array of values', () => {
  it.each([
    ['aligned', x86_64, 0],
    ['unaligned', x86_64, 1],
    ['in the other byte order', ppc64, 0],
  ] as const)('takes no index but its own (%s)', (_, target, at) => {
    const list = view(array(u32, 3), target, new ArrayBuffer(32), at);
    for (const index of [3, -1, 0.5, Number.NaN, '1', 'length', undefined]) {
      const message = `array[${String(index)}]: it has 3 elements`;
      expect(() => list.get(index as number)).toThrow(new RangeError(message));
      expect(() => list.set(index as number, 1)).toThrow(new RangeError(message));
    }
    expect(list.toArray()).toEqual([0, 0, 0]);
    for (const index of [0, 1, 2]) list.set(index, 2 ** 32 - 1 - index);
    expect([...list]).toEqual([2 ** 32 - 1, 2 ** 32 - 2, 2 ** 32 - 3]);
  });
});
