import { expect, test } from 'vitest';
import { type AtomicField, array, float, i32, struct, u64 } from '../../lib/abi/index.ts';
import {
  acceptable,
  atomic,
  interesting,
  padded,
  scenario,
  sharedBuffer,
} from '../../lib/scenario/index.ts';

/** Compiles for a value of exactly type T only. */
function same<T>() {
  return <V>(_value: V & ([V, T] extends [T, V] ? unknown : never)): void => undefined;
}

test('actors see the types of their state and registers', () => {
  const made = scenario({
    name: 'types',
    description: 'all kinds of fields',
    state: {
      plain: i32,
      wide: padded(u64),
      flag: atomic(i32),
      far: padded(atomic(i32)),
      slots: array(i32, 4),
      pair: struct('pair', { a: i32, b: float }),
      memory: sharedBuffer(16),
    },
    result: { r1: i32, r2: u64 },
    open: (state) => new Int32Array(state.memory),
    actors: {
      one(state, result, words) {
        same<number>()(state.plain);
        same<bigint>()(state.wide);
        same<AtomicField<number>>()(state.flag);
        same<AtomicField<number>>()(state.far);
        same<SharedArrayBuffer>()(state.memory);
        same<number>()(state.slots.get(0));
        same<number>()(state.pair.b);
        same<bigint>()(result.r2);
        same<Int32Array<SharedArrayBuffer>>()(words);
        state.plain = 1;
        state.wide = 1n;
        // @ts-expect-error an atomic field is not assigned to
        state.flag = 1;
        // @ts-expect-error there is no such field
        state.other;
      },
      two() {},
    },
    outcomes: [
      acceptable('0, 0', 'as text'),
      acceptable(/^1, /, 'as a pattern'),
      acceptable({ r1: 1, r2: 1n }, 'as values'),
      interesting({ r1: 2 }, 'some values', { model: 'allowed' }),
    ],
  });
  expect(made.rules.map(({ match }) => match)).toEqual([
    { exact: '0, 0' },
    { pattern: '^1, ', flags: '' },
    { exact: '1, 1' },
    { pattern: '^2, [^,]*$', flags: '' },
  ]);
});
