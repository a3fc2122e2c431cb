import { expect, test } from 'vitest';
import { trial } from './trial.ts';

test('securebits that were set through us follow the context', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can set securebits');
  const { before, after } = await trial<{ before: number; after: number[] }>(
    'thread-attributes',
    'securebits',
  );
  expect(before & 4).toBe(0);
  expect(after).toEqual([before | 4]);
});

test('no_new_privs that was set through us follows the context', async () => {
  expect(await trial('thread-attributes', 'noNewPrivs')).toEqual({ before: 0, after: [1] });
});

test('a change of an attribute that is made through us is not handed over', async () => {
  expect(await trial('thread-attributes', 'changesOnTheSpot')).toEqual([]);
});
