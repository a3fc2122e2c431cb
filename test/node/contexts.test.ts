import { expect, test } from 'vitest';
import { trial } from './trial.ts';

test.each(['auto', 'sampler'] as const)(
  'workers and the main thread complete into one ring, each call once, with the watcher %s',
  async (watcher) => {
    const options = { watcher, timeoutMs: 150_000 };
    expect(await trial('contexts', 'sharedRing', options)).toEqual({
      ended: 3,
      all: true,
      twice: 0,
      handedOver: true,
    });
  },
);
