import { expect, test } from 'vitest';
import { run, trial } from './trial.ts';

const flags = ['--expose-gc'];

interface Rounds {
  readonly collected: number;
  readonly hit: number;
  readonly kept: number;
  readonly pins: number;
}

test('small arrays stay while a read into them is pending, and go after it: 24 rounds', async () => {
  const rounds = await trial<Rounds>('memory', 'pinned', { flags });
  expect(rounds).toEqual({ collected: 0, hit: 0, kept: 0, pins: 0 });
});

test('the same under glibc checking its heap', async () => {
  const env = { MALLOC_CHECK_: '3', MALLOC_PERTURB_: '165' };
  const rounds = await trial<Rounds>('memory', 'pinned', { flags, env });
  expect(rounds).toEqual({ collected: 0, hit: 0, kept: 0, pins: 0 });
});

test('big buffers stay too', async () => {
  expect(await trial('memory', 'bigBuffers', { flags })).toBe('read');
});

test('without a pin they go: that is what pins are for', async () => {
  const { signal, stdout } = await run('memory', 'notPinned', { flags });
  const rounds = /\{"result":(.*)\}/.exec(stdout)?.[1];
  const { collected } = JSON.parse(rounds ?? '{"collected":0}') as Partial<Rounds>;
  expect(signal !== null || (collected ?? 0) > 0).toBe(true);
});
