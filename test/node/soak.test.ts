import { expect, test } from 'vitest';
import { trial } from './trial.ts';

// `npm run soak` asks for 200,000 hand-offs
const LONG = process.env.SYSLETS_SOAK !== undefined;
const LIMIT_MS = LONG ? 600_000 : 60_000;
const WATCHERS = ['auto', 'sampler'] as const;

test.each(WATCHERS)(
  'hand-offs under garbage, workers and signals, watcher %s',
  async (watcher) => {
    const flags = ['--expose-gc'];
    const soaked = await trial<Record<string, number>>('soak', 'soak', {
      watcher,
      flags,
      timeoutMs: LIMIT_MS,
    });
    console.log(`soak, ${watcher}:`, JSON.stringify(soaked));
    expect(soaked).toMatchObject({
      lost: 0,
      doubled: 0,
      wrong: 0,
      completionsLost: 0,
      overflows: 0,
    });
    expect(soaked).toMatchObject({ contexts: 1, heard: true });
  },
  LIMIT_MS + 10_000,
);
