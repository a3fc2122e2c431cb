import { expect, test } from 'vitest';
import {
  Checker,
  type Condition,
  linearizable,
  oneOf,
  operation,
  parseProgram,
  sharedBuffer,
  unique,
} from '../../lib/linearizability/index.ts';
import { encoded } from './histories.ts';

function structure(condition: Condition) {
  return linearizable({
    name: 'test/mailbox',
    create: () => ({}),
    memory: sharedBuffer(64),
    condition,
    operations: {
      put: operation({ args: [unique], run: () => true, puts: (_result, value) => [value] }),
      take: operation({
        run: () => [],
        takes: (result) => result as readonly unknown[],
      }),
    },
  }).structure;
}

/** Checks calls that begin and end as the stamps say: [begin, end, result]. */
function check(
  condition: Condition,
  program: string,
  calls: readonly (readonly [number, number, unknown])[],
) {
  const given = structure(condition);
  const checker = new Checker(given);
  const history = encoded(
    calls.map(([begin, end, result]) => ({ begin, end, result })),
    checker,
  );
  const one = checker.of(parseProgram(program, given));
  return one.why(history) ?? one.check(history);
}

test('a value that is lost is taken at most once', () => {
  const calls = [
    [0, 0, true],
    [1, 1, []],
  ] as const;
  expect(check('at most once', 'put(1) | take()', calls)).toBe('fits');
});

test('a value that is taken twice is told', () => {
  const calls = [
    [0, 0, true],
    [1, 1, [1]],
    [1, 2, [1]],
  ] as const;
  expect(check('at most once', 'put(1) | take() | take()', calls)).toBe(
    '1 was taken 2 times and put once',
  );
});

test('a value that nobody put, or put only later, is told', () => {
  expect(
    check('at most once', 'put(1) | take()', [
      [0, 0, true],
      [1, 1, [2]],
    ]),
  ).toBe('take() took 2, which was never put');
  expect(
    check('at most once', 'put(1) | take()', [
      [1, 1, true],
      [0, 0, [1]],
    ]),
  ).toBe('take() took 1, which was never put');
});

test('one that puts and one that takes at the same time are fine', () => {
  const calls = [
    [0, 1, true],
    [0, 0, [1]],
  ] as const;
  expect(check('at most once', 'put(1) | take()', calls)).toBe('fits');
});

test('values of one producer come in its order, whoever takes them one after the other', () => {
  const program = 'put(1), put(2) | take() | take()';
  const put = [
    [0, 0, true],
    [1, 1, true],
  ] as const;
  expect(check('per-producer order', program, [...put, [2, 2, [1]], [3, 3, [2]]])).toBe('fits');
  expect(check('per-producer order', program, [...put, [2, 2, [2]], [3, 3, [1]]])).toBe(
    '2 of put(2) was taken before 1 of put(1), which was put first',
  );
  // at the same time there is no first
  expect(check('per-producer order', program, [...put, [2, 2, [2]], [2, 3, [1]]])).toBe('fits');
  expect(check('at most once', program, [...put, [2, 2, [2]], [3, 3, [1]]])).toBe('fits');
});

test('values of two producers come in any order', () => {
  const calls = [
    [0, 0, true],
    [1, 1, true],
    [2, 2, [2, 1]],
  ] as const;
  expect(check('per-producer order', 'put(1) | put(2) | take()', calls)).toBe('fits');
});

test('what key, puts and takes do to their arguments, no other look sees', () => {
  const take = (values: unknown) => (values as unknown[]).splice(0);
  const pair = oneOf([1, 2]);
  const given = linearizable({
    name: 'test/pairs',
    create: () => ({}),
    memory: sharedBuffer(64),
    condition: 'at most once',
    operations: {
      put: operation({
        args: [pair],
        run: () => true,
        key: (values) => take(values).length,
        puts: (_result, values) => take(values),
        takes: (_result, values) => take(values).slice(2),
      }),
      take: operation({
        run: () => [],
        key: () => 0,
        puts: (result) => take(result).slice(2),
        takes: take,
      }),
    },
  }).structure;
  const checker = new Checker(given);
  const one = checker.of(parseProgram('put([1, 2]) | take()', given));
  const taking = (value: number) => {
    const calls = [
      { begin: 0, end: 0, result: true },
      { begin: 1, end: 1, result: [value] },
    ];
    return one.check(encoded(calls, checker));
  };
  expect([taking(2), taking(2), taking(3)]).toEqual(['fits', 'fits', 'does not']);
});
