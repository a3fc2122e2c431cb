import { expect, test } from 'vitest';
import { bothWays, trial } from './trial.ts';

test('process.title', async () => {
  expect(await bothWays('attributes', 'title')).toEqual(['carried title', 'carried title']);
});

test('os.setPriority follows the context', async () => {
  expect(await bothWays('attributes', 'priority')).toEqual([
    [3, 7, 12],
    [3, 7, 12],
  ]);
});

test('processor affinity follows the context', async () => {
  expect(await trial('attributes', 'affinity')).toEqual({ right: true, adopted: true });
});

test('current directory, umask and processors', async () => {
  const after = ['/', 0o027, true];
  expect(await bothWays('attributes', 'processWide')).toEqual([after, after]);
});

test('clocks go on', async () => {
  expect(await bothWays('attributes', 'clocks')).toEqual([true, true]);
});
