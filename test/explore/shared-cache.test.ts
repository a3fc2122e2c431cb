import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../cli/run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURE = `import { i32 } from 'syslets/abi';
import { acceptable, atomic, scenario } from 'syslets/scenario';
const add = (state: { readonly count: { add(value: number): number } }) => void state.count.add(1);
export default scenario({
  name: 'mine/two',
  description: 'two actors add one',
  state: { count: atomic(i32) },
  result: { count: i32 },
  actors: { a: add, b: add },
  arbiter(state, result) {
    result.count = state.count.load();
  },
  outcomes: [acceptable('2', 'both')],
});
`;
let project: string;
let shared: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'syslets-project-'));
  shared = mkdtempSync(join(tmpdir(), 'syslets-shared-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(ROOT, join(project, 'node_modules', 'syslets'));
  writeFileSync(join(project, 'two.ts'), FIXTURE);
});
afterEach(() => {
  for (const folder of [project, shared]) rmSync(folder, { recursive: true });
});

// Whoever put a file in that place first would have it run by us.
test.each([
  ['explore', ['--machine', 'sc', '--max-states', '100']],
  ['stress', ['--time', '1s', '--json', '/dev/null']],
])('%s keeps nothing that it runs in the shared temporary folder', (command, options) => {
  const names = [join(project, 'two.ts'), ...(command === 'stress' ? ['litmus/sb'] : [])];
  const { stdout } = runProgram('cli/main.js', [command, ...names, ...options], {
    env: { ...process.env, TMPDIR: shared },
  });
  expect(stdout).toContain('mine/two');
  expect(readdirSync(shared)).toEqual([]);
  const kept = readdirSync(join(project, 'node_modules', '.cache', 'syslets'));
  expect(kept.some((name) => name.includes('two'))).toBe(true);
});
