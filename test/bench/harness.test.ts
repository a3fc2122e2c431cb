import { expect, test } from 'vitest';
import { interleave, timed } from '../../lib/bench/interleave.ts';
import { compared } from '../../lib/bench/result.ts';
import { median, quantile, rounded } from '../../lib/bench/stats.ts';
import { ThreadList } from '../../lib/bench/thread-list.ts';

test('median and quantile do not depend on the order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(quantile([4, 2, 3, 1], 0.99)).toBe(4);
  expect(quantile(Float64Array.of(7), 0)).toBe(7);
  expect(() => median([])).toThrow('nothing was measured');
});

test('numbers are printed with four digits', () => {
  expect(rounded(123_456)).toBe(123_500);
  expect(rounded(0.000123456)).toBe(0.0001235);
  expect(rounded(0)).toBe(0);
});

test('measured code and baseline take turns, and change who is first', () => {
  const order: string[] = [];
  const step = (name: string, value: number) => () => {
    order.push(name);
    return value;
  };
  const samples = interleave(step('m', 2), step('b', 1), { rounds: 3, warmUp: 1 });
  expect(order.join('')).toBe('bmmbbmmb');
  expect(samples).toEqual({ measured: [2, 2, 2], baseline: [1, 1, 1] });
});

test('a batch may give several samples', () => {
  const samples = interleave(
    () => [1, 2],
    () => Float64Array.of(3),
    { rounds: 2, warmUp: 0 },
  );
  expect(samples).toEqual({ measured: [1, 2, 1, 2], baseline: [3, 3] });
});

test('a result has medians, their ratio, and 99th percentiles', () => {
  const naming = { case: 'c', unit: 'ns', baseline: 'bare' };
  const samples = { measured: [30, 10, 20], baseline: [10, 10, 40] };
  expect(compared(naming, samples, { extra: 1 })).toEqual({
    case: 'c',
    value: 20,
    unit: 'ns',
    baseline: 'bare',
    baselineValue: 10,
    ratio: 2,
    detail: { p99: 30, baselineP99: 40, samples: 3, extra: 1 },
  });
});

test('timed passes the count on and divides by it', () => {
  let seen = 0;
  expect(timed(1000, (count) => (seen = count))).toBeGreaterThanOrEqual(0);
  expect(seen).toBe(1000);
});

test('a list of threads keeps each once, up to its room', () => {
  const list = new ThreadList(new Int32Array(2));
  for (const tid of [5, 5, 6, 7]) list.add(tid);
  expect([...list.tids]).toEqual([5, 6]);
});
