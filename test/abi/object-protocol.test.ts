import { describe, expect, it } from 'vitest';
import { array, cursor, struct, toObject, u32, view, x86_64 } from '../../lib/abi/index.ts';

/** What JavaScript can do to any object, done to views: a store reaches a member, or throws. */

const inner = struct('inner', { x: u32, y: u32 });
const outer = struct('outer', { x: u32, in: inner, list: array(u32, 4), rows: array(inner, 3) });
const named = struct('named', { x: u32, toJSON: u32 });

const made = (options = {}) => view(outer, x86_64, new ArrayBuffer(64), 0, options);
const free = () => made({ unchecked: true });

const kinds: readonly (readonly [name: string, make: () => object])[] = [
  ['a struct', made],
  ['a nested struct', () => made().in],
  ['a struct with a member toJSON', () => view(named, x86_64, new ArrayBuffer(8))],
  ['an unchecked struct', free],
  ['an array of values', () => made().list],
  ['an unchecked array of values', () => free().list],
  ['an array of structs', () => made().rows],
  ['an element of an array', () => made().rows.get(1)],
  [
    'an array of more elements than are kept',
    () => view(array(inner, 5000), x86_64, new ArrayBuffer(40000)),
  ],
  ["a cursor's row", () => cursor(made().rows)[0]],
  [
    "an array in a cursor's row",
    () => cursor(view(array(outer, 2), x86_64, new ArrayBuffer(128)))[0].list,
  ],
];

describe.for(kinds)('%s', ([, make]) => {
  const first = (one: object) => ('get' in one ? '0' : 'x');

  it('does not take another view for its memory', () => {
    const [one, other] = [make(), make()];
    const before = toObject(one);
    expect(() => Object.assign(one, other)).toThrow(TypeError);
    for (const key of Object.getOwnPropertySymbols(one)) {
      expect(Reflect.set(one, key, 1)).toBe(false);
      expect(Reflect.deleteProperty(one, key)).toBe(false);
      expect(Reflect.defineProperty(one, key, { value: 1 })).toBe(false);
    }
    expect(toObject(one)).toEqual(before);
  });

  it('has the members and the prototype that it was made with', () => {
    const one = make();
    const before = toObject(one);
    const value = { value: 9, writable: true, enumerable: true, configurable: true };
    for (const key of [first(one), 'other', 'get', 'length', Symbol.iterator]) {
      expect(() => Object.defineProperty(one, key, value)).toThrow(TypeError);
    }
    expect(() => Object.setPrototypeOf(one, { x: 1 })).toThrow(TypeError);
    expect(toObject(Object.freeze(one))).toEqual(before);
  });
});

const arrays = [
  ...kinds.filter(([, make]) => 'get' in make()),
  ['an unchecked array of structs', () => free().rows] as const,
];

it.for(arrays)('%s keeps its methods, and names none of them', ([, make]) => {
  const one = make() as Record<PropertyKey, unknown>;
  const other = make();
  for (const key of ['get', 'set', 'at', 'length', 'toArray', Symbol.iterator]) {
    expect(() => {
      one[key] = null;
    }).toThrow(TypeError);
  }
  for (const key of Object.getOwnPropertySymbols(one)) expect(Reflect.set(one, key, 1)).toBe(false);
  if (!Object.isFrozen(one)) expect(() => Object.assign(one, other)).toThrow(TypeError);
  for (const key of Object.getOwnPropertySymbols(other))
    expect(Reflect.deleteProperty(other, key)).toBe(false);
  const names: string[] = [];
  for (const name in one) names.push(name);
  expect(names.filter((name) => !/^\d+$/.test(name))).toEqual([]);
});

it('an array whose elements are no properties refuses `in`, and what goes by it', () => {
  const { list } = made();
  expect(() => 0 in list).toThrow(/compare the index with its length/i);
  expect(() => Array.prototype.map.call(list, (one) => one)).toThrow(/toArray\(\)/);
  expect('get' in list && !('other' in list)).toBe(true);
});

it('stores to the members of a struct that is frozen, as to any view', () => {
  const one = made();
  Object.assign(one, { x: 3 });
  one.list[1] = 4;
  one.rows.get(2).y = 5;
  const [row, move] = cursor(one.rows);
  move(1).x = 6;
  expect(row.x).toBe(6);
  expect(toObject(one)).toEqual({
    x: 3,
    in: { x: 0, y: 0 },
    list: [0, 4, 0, 0],
    rows: [
      { x: 0, y: 0 },
      { x: 6, y: 0 },
      { x: 0, y: 5 },
    ],
  });
});
