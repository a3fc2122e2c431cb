import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ExploredMachine, ExploreResult } from '../../lib/report/explore-result.ts';
import { mergeExplored } from '../../lib/report/merge-explored.ts';
import { runProgram } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-explore-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('shards merge with syslets report, beside what stress has seen', () => {
  const files = ['1/2', '2/2'].map((part, index) => {
    const file = join(folder, `part-${index}.json`);
    runProgram('cli/main.js', [
      'explore',
      'litmus/sb',
      'litmus/mp',
      '--shard',
      part,
      '--json',
      file,
    ]);
    return file;
  });
  const stress = join(folder, 'stress.json');
  runProgram('cli/main.js', ['stress', 'litmus/sb', '--time', '1s', '--json', stress]);
  const { status, stdout } = runProgram('cli/main.js', ['report', ...files, stress]);
  expect(stdout).toContain('PASSED      litmus/sb');
  expect(stdout).toContain('PASSED      litmus/mp');
  expect(stdout).toMatch(/RESULT {2}SC {2}TSO +SEEN {2}EXPECT/);
  expect(status).toBe(0);
});

function result(machine: ExploredMachine): ExploreResult {
  const scenario = {
    name: 'one',
    file: 'one.ts',
    source: '',
    description: '',
    actors: ['a', 'b'],
    registers: ['r'],
    outcomes: [],
    machines: [machine],
  };
  const run = { tool: '', started: '', ms: 0, shard: null, options: '' };
  return { format: 'syslets-explore', version: 1, ...run, scenarios: [scenario] };
}

const random = (seed: number, text: string): ExploredMachine => ({
  machine: 'sc',
  coverage: { kind: 'random', executions: '5', states: 0, seed, strategy: 'pct' },
  ends: [{ kind: 'outcome', text, executions: '5' }],
  folded: [],
});

test('random executions of other seeds are added up, those of one seed are not', () => {
  const [merged] = mergeExplored([result(random(1, '0')), result(random(2, '0'))]);
  expect(merged?.machines[0]?.coverage.executions).toBe('10');
  expect(merged?.machines[0]?.ends).toEqual([{ kind: 'outcome', text: '0', executions: '10' }]);
  const [same] = mergeExplored([result(random(1, '0')), result(random(1, '0'))]);
  expect(same?.machines[0]?.coverage.executions).toBe('5');
});

test('a complete search outweighs chance', () => {
  const all: ExploredMachine = {
    machine: 'sc',
    coverage: { kind: 'all', executions: '7', states: 3 },
    ends: [],
    folded: [],
  };
  const [merged] = mergeExplored([result(random(1, '0')), result(all)]);
  expect(merged?.machines).toEqual([all]);
});

test('stress names the command that searches for the shortest schedule', () => {
  const file = 'test/stress/fixtures/unlisted.ts';
  const json = join(folder, 'unlisted.json');
  const { stdout } = runProgram('cli/main.js', ['stress', file, '--time', '1s', '--json', json]);
  expect(stdout).toContain(`the shortest schedule that shows it:\n  syslets explore ${file}`);
});

test('an outcome that is right has a schedule too, if it is asked for', () => {
  const options = ['--outcome', '0, 0', '--all'];
  const { status, stdout } = runProgram('cli/main.js', ['explore', 'litmus/sb', ...options]);
  expect(stdout).toContain('0, 0 after 6 steps');
  expect(stdout).toContain('leaves the buffer');
  expect(status).toBe(0);
});

test('a published ring buffer is explored as it is, with its own typed arrays and Atomics', () => {
  const file = 'dist/bench/races/published-ring.js';
  const { status, stdout } = runProgram('cli/main.js', ['explore', file, '--all']);
  expect(stdout).toContain('sc  all 2,149 interleavings (117 states)');
  expect(status).toBe(0);
});
