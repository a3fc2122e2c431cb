import { expect, test } from 'vitest';
import { trial } from './trial.ts';

test('detach brings JavaScript home to its birth thread, and nothing is left', async () => {
  expect(await trial('attach', 'detachComesHome')).toEqual({
    left: {
      contexts: 0,
      tasks: 0,
      tasksIdle: 0,
      tasksAway: 0,
      stacks: 0,
      perfEvents: 0,
      samplerFiles: 0,
      pins: 0,
    },
  });
});

test('a thread that is attached is not attached again', async () => {
  expect(await trial('attach', 'attachTwice')).toBe('refused');
});

test('calls after detach are refused', async () => {
  expect(await trial('attach', 'afterDetach')).toEqual('refused');
});

test.each(['auto', 'sampler', 'spin'] as const)(
  'detach interrupts calls that are pending, 30 times, with the watcher %s',
  async (watcher) => {
    expect(await trial('attach', 'manyTimes', { watcher })).toEqual({
      interrupted: 60,
      left: 0,
    });
  },
);
