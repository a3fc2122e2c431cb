import { expect, test } from 'vitest';
import { bothWays } from './trial.ts';

test('spawn, exec, execSync, execFileSync and spawnSync give an empty signal mask', async () => {
  const empty = '0000000000000000';
  const all = {
    execSync: empty,
    execFileSync: empty,
    spawnSync: empty,
    spawn: `0 ${empty}`,
    exec: empty,
  };
  expect(await bothWays('children', 'masks')).toEqual([all, all]);
});

test('60 children come and go during hand-offs', async () => {
  expect(await bothWays('children', 'many')).toEqual(['all', 'all']);
});

test('fork and its messages', async () => {
  expect(await bothWays('children', 'forked')).toEqual([0, 0]);
});

test('a child with a parent-death signal outlives hand-offs', async () => {
  const lived = { alive: true, signal: 'SIGTERM' };
  expect(await bothWays('children', 'parentDeath')).toEqual([lived, lived]);
});

test('pipes to and from a child', async () => {
  const [plain, carried] = await bothWays<number>('children', 'streams');
  expect(carried).toBe(plain);
});
