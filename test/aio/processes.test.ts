import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const TRIAL = fileURLToPath(new URL('process-trial.mjs', import.meta.url));

/** What a trial prints; it has 30 s. */
function trial(name: string): string[] {
  const run = spawnSync(process.execPath, [TRIAL, name], { encoding: 'utf8', timeout: 60_000 });
  expect({ status: run.status, signal: run.signal, stderr: run.stderr }).toEqual({
    status: 0,
    signal: null,
    stderr: '',
  });
  return run.stdout.trim().split('\n');
}

test('a pending request keeps the process alive; when it is over the process ends', () => {
  expect(trial('keepsAlive')).toEqual(['over 0']);
});

test('writes that nobody waits for are made before the process ends', () => {
  expect(trial('writesBeforeExit')).toEqual(['abc']);
});

test('process.exit() with requests in flight ends the process, and calls nobody', () => {
  expect(trial('exitPending')).toEqual(['leaving']);
});

test('what a callback throws is an uncaught exception, and the next one is called', () => {
  expect(trial('throwingCallback')).toEqual(['caught first', 'second']);
});

test('a worker that ends with requests in flight leaves nothing behind', () => {
  expect(trial('workerEnds')).toEqual(['left 0 0 0']);
});
