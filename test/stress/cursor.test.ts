import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  array,
  bool,
  double,
  float,
  i8,
  i16,
  i32,
  i64,
  u8,
  u16,
  u32,
  u64,
} from '../../lib/abi/index.ts';
import { atomic, padded } from '../../lib/scenario/index.ts';
import { cursorsOver } from '../../lib/stress/cursor.ts';
import { stateLayout } from '../../lib/stress/state-layout.ts';
import { trialMemory } from '../../lib/stress/trial-memory.ts';

const SCALARS = { u8, i8, u16, i16, u32, i32, u64, i64, float, double, bool } as const;
const STRIDE = 8;

type Any = Record<string, never>;

function cursors(padding: 'packed' | 'lines') {
  const atomics = {
    au8: atomic(u8),
    ai16: atomic(i16),
    au32: padded(atomic(u32)),
    ai64: atomic(i64),
  };
  const layout = stateLayout({ ...SCALARS, ...atomics, list: array(u16, 3) });
  const plan = { stride: STRIDE, padding, threads: 2, graders: 1, cells: 1 } as const;
  const memory = trialMemory(layout, SCALARS, plan);
  const { state, result, position } = cursorsOver(layout, SCALARS, memory);
  const at = (index: number) => {
    position.index = index;
  };
  return { state: state as unknown as Any, result: result as unknown as Any, at, layout, memory };
}

const VALUES: Record<keyof typeof SCALARS, fc.Arbitrary<unknown>> = {
  u8: fc.integer({ min: 0, max: 255 }),
  i8: fc.integer({ min: -128, max: 127 }),
  u16: fc.integer({ min: 0, max: 0xffff }),
  i16: fc.integer({ min: -0x8000, max: 0x7fff }),
  u32: fc.integer({ min: 0, max: 0xffff_ffff }),
  i32: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float: fc.float(),
  double: fc.double(),
  bool: fc.boolean(),
};

const write = fc.oneof(
  ...Object.entries(VALUES).map(([name, value]) =>
    fc.record({ name: fc.constant(name), index: fc.nat(STRIDE - 1), value }),
  ),
);

describe.each(['packed', 'lines'] as const)('%s', (padding) => {
  test('each state and each register keeps what was written to it, and no other', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), (writes) => {
        const { state, result, at } = cursors(padding);
        const model = new Map<string, unknown>();
        for (const { name, index, value } of writes) {
          at(index);
          state[name] = value as never;
          result[name] = value as never;
          model.set(`${name} ${index}`, value);
        }
        for (const [key, value] of model) {
          const [name = '', index = ''] = key.split(' ');
          at(Number(index));
          expect(state[name]).toBe(value);
          expect(result[name]).toBe(value);
        }
      }),
    );
  });
});

test('values that do not fit are refused, and the register is named', () => {
  const { state, result } = cursors('packed');
  const wrong: readonly (readonly [string, unknown])[] = [
    ['u8', 256],
    ['i8', 1.5],
    ['u16', -1],
    ['i16', '3'],
    ['u32', 2 ** 32],
    ['i32', Number.NaN],
    ['u64', -1n],
    ['i64', 1],
    ['float', 1n],
    ['double', undefined],
    ['bool', 1],
  ];
  for (const [name, value] of wrong) {
    expect(() => Object.assign(state, { [name]: value })).toThrow(`state.${name} is`);
    expect(() => Object.assign(result, { [name]: value })).toThrow(`result.${name} is`);
  }
});

test('atomic fields follow the cursor', () => {
  const { state, at } = cursors('lines');
  const field = state.au32 as unknown as {
    load(): number;
    store(value: number): number;
    add(value: number): number;
    compareExchange(expected: number, value: number): number;
    wait(value: number, ms: number): string;
    waitAsync(value: number, ms: number): object;
    notify(): number;
  };
  at(1);
  field.store(7);
  at(2);
  expect(field.load()).toBe(0);
  expect(field.add(5)).toBe(0);
  expect(field.compareExchange(5, 9)).toBe(5);
  expect(field.wait(8, 0)).toBe('not-equal');
  expect(field.wait(9, 0)).toBe('timed-out');
  expect(field.waitAsync(8, 0)).toEqual({ async: false, value: 'not-equal' });
  expect(field.waitAsync(9, 0)).toEqual({ async: false, value: 'timed-out' });
  expect(field.notify()).toBe(0);
  at(1);
  expect(field.load()).toBe(7);
  expect(() => field.store(-1)).toThrow('state.au32 is -1');
  const small = state.ai16 as unknown as typeof field;
  expect(() => small.waitAsync(0, 0)).toThrow('need 4 or 8 bytes');
  expect(() => small.wait(0, 0)).toThrow('wait and notify need 4 or 8 bytes, it has 2');
});

test('members are those of the definition, and cannot be replaced or added', () => {
  const { state } = cursors('packed');
  expect(() => Object.assign(state, { list: 1 })).toThrow(TypeError);
  expect(() => Object.assign(state, { other: 1 })).toThrow(TypeError);
  expect('toString' in state).toBe(false);
});

test('padded fields and states have cache lines of their own', () => {
  const { layout, memory } = cursors('lines');
  const offset = (name: string) => layout.fields.find((one) => one.name === name)?.offset ?? -1;
  expect(offset('au32') % 64).toBe(0);
  expect(offset('ai64') % 64).toBe(0);
  expect(memory.step % 64).toBe(0);
});
