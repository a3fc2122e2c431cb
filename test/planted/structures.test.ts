// The bugs of structures in JavaScript: each shows in a schedule of a small program, and the unchanged
// sources have none. Which random programs find them is a matter of seconds; these take none.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
// @ts-expect-error scripts have no types
import { plantedDist } from '../../scripts/planted/dist.mjs';
// @ts-expect-error scripts have no types
import { readBug } from '../../scripts/planted/mutation.mjs';
import { runProgram } from '../cli/run.ts';

// within the package, so that what dist/ imports is found
const build = fileURLToPath(new URL('../../build', import.meta.url));
mkdirSync(build, { recursive: true });
const folder = mkdtempSync(join(build, 'planted-structures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function explore(dist: string, structure: string, program: string) {
  const file = join(dist, `scenarios/${structure}.js`);
  const options = ['--program', program, '--machine', 'sc'];
  return runProgram('cli/main.js', ['explore', file, ...options]);
}

test.each([
  ['lock-in-two-steps', 'add() | add()', 'not linearizable'],
  ['permit-in-two-steps', 'tryAcquire() | tryAcquire() | release()', 'not linearizable'],
  [
    'channel-without-lock',
    'trySend(1), tryReceive() | trySend(2), tryReceive()',
    'not linearizable',
  ],
  ['seqlock-not-read-again', 'write(1, 1) | read()', 'not linearizable'],
  ['newest-first', 'complete(1), complete(2) | reap()', 'not per-producer order'],
  ['tail-before-completions', 'complete(1), complete(2), complete(3) | reap()', 'not linearizable'],
])('%s shows in %s', (name, program, outcome) => {
  const bug = readBug(name);
  const unchanged = fileURLToPath(new URL('../../dist', import.meta.url));
  expect(explore(unchanged, bug.scenario, program).status).toBe(0);
  const { status, stdout } = explore(plantedDist(bug, join(folder, name)), bug.scenario, program);
  expect(stdout).toContain(`  ${outcome}: `);
  expect(stdout).toContain('  replay: x1.sc.');
  expect(status).toBe(1);
});
