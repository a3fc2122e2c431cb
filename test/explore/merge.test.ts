import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { explore, type Search } from '../../lib/explore/index.ts';
import type {
  ExploredMachine,
  ExploredScenario,
  ExploreResult,
} from '../../lib/report/explore-result.ts';
import { exploreStatus } from '../../lib/report/explore-text.ts';
import { mergeExplored } from '../../lib/report/merge-explored.ts';
import { discover } from '../../lib/stress/index.ts';
import { runProgram } from '../cli/run.ts';
import { LONG, stress } from '../stress/stress.ts';

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
  const stressed = join(folder, 'stress.json');
  writeFileSync(stressed, JSON.stringify(stress('litmus/sb', '--time', '1s').result));
  const { status, stdout } = runProgram('cli/main.js', ['report', ...files, stressed]);
  expect(stdout).toContain('PASSED      litmus/sb');
  expect(stdout).toContain('PASSED      litmus/mp');
  expect(stdout).toMatch(/RESULT {2}SC {2}TSO +MODEL +SEEN {2}EXPECT/);
  const [html, junit] = [join(folder, 'both.html'), join(folder, 'both.xml')];
  const more = ['--html', html, '--junit', junit];
  runProgram('cli/main.js', ['report', ...files, stressed, ...more]);
  const page = readFileSync(join(folder, 'both-explored.html'), 'utf8');
  for (const column of ['SC', 'TSO', 'MODEL', 'SEEN']) {
    expect(page).toContain(`<th scope="col">${column}</th>`);
  }
  const xml = readFileSync(junit, 'utf8');
  expect(xml).toContain('<testsuite name="syslets stress"');
  expect(xml).toContain('<testsuite name="syslets explore"');
  expect(xml).toMatch(/RESULT {2}SC {2}TSO +MODEL +SEEN {2}EXPECT/);
  expect(existsSync(html)).toBe(true);
  // a busy machine may give stress too few samples
  expect(status).toBe(/^INCONCLUSIVE/m.test(stdout) ? 3 : 0);
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

const part = (...bounds: readonly number[]): ExploredMachine => ({
  machine: 'sc',
  coverage: {
    kind: 'part',
    executions: '9',
    states: 9,
    preemptions: 9,
    why: 'more than 9 states',
    ...Object.fromEntries(
      bounds.map((preemptions) => ['within', { preemptions, executions: '4', states: 4 }]),
    ),
  },
  ends: [],
  folded: [],
});

/** Of the kernel side: bounds on preemptions and delayed stores; undefined: none. */
const bounded = (preemptions: number | undefined, delays: number): ExploredMachine => ({
  machine: 'weak',
  coverage: {
    kind: 'preemptions',
    executions: '9',
    isCounted: false,
    states: 9,
    ...(preemptions === undefined ? {} : { preemptions }),
    delays,
  },
  ends: [],
  folded: [],
});

test.each([
  ['a wider bound on delayed stores counts', bounded(2, 2), bounded(2, 1)],
  ['that on preemptions counts first', bounded(3, 1), bounded(2, 2)],
  ['no bound on preemptions is the widest', bounded(undefined, 1), bounded(3, 2)],
  ['a bound that was searched whole outweighs none', part(0), part()],
  ['of two parts that with the higher bound counts', part(2), part(1)],
])('%s, whichever file comes first', (_, strong, weak) => {
  for (const files of [
    [strong, weak],
    [weak, strong],
  ]) {
    expect(mergeExplored(files.map(result))[0]?.machines).toEqual([strong]);
  }
});

const options = { seed: 3, timeMs: undefined, tool: '', maxStates: 1000 };
const machines = ['sc'] as const;

test.each<Search>([{ kind: 'reduced' }, { kind: 'random', executions: 100, strategy: 'pct' }])(
  'the parts of one search are the search: %o',
  async (search) => {
    const found = await discover(['litmus/iriw']);
    const [whole] = explore(found, { ...options, machines, search }).scenarios;
    const parts = [1, 2, 3].map((index) =>
      explore(found, { ...options, machines, search, shard: { index, count: 3 } }),
    );
    const sorted = (one: ExploredScenario | undefined) =>
      one?.machines[0]?.ends.toSorted((a, b) => (a.text < b.text ? -1 : 1));
    const [merged] = mergeExplored(parts);
    expect(sorted(merged)).toEqual(sorted(whole));
    expect(merged?.machines[0]?.coverage).toMatchObject(whole?.machines[0]?.coverage ?? {});
    for (const { scenarios } of parts) {
      expect(sorted(scenarios[0])).not.toEqual(sorted(whole));
      expect(exploreStatus({ scenarios })).toBe(0);
    }
  },
);

test('without one of its parts a search claims nothing, and what it found holds', async () => {
  const found = await discover(['litmus/iriw']);
  const search = { kind: 'reduced' } as const;
  const parts = [1, 3].map((index) =>
    explore(found, { ...options, machines, search, shard: { index, count: 3 } }),
  );
  const scenarios = mergeExplored(parts);
  expect(scenarios[0]?.machines[0]?.coverage).toMatchObject({
    kind: 'part',
    why: 'part 2 of 3 is missing',
  });
  expect(scenarios[0]?.machines[0]?.ends.length).toBeGreaterThan(0);
  expect(exploreStatus({ scenarios })).toBe(3);
});

test('stress names the command that searches for the shortest schedule', () => {
  const file = 'test/stress/fixtures/unlisted.ts';
  const json = join(folder, 'unlisted.json');
  const { stdout } = runProgram('cli/main.js', ['stress', file, '--time', LONG, '--json', json]);
  expect(stdout).toContain(`the shortest schedule that shows it:\n  syslets explore ${file}`);
});

test('an outcome that is right has a schedule too, if it is asked for', () => {
  const asked = ['explore', 'litmus/sb', '--machine', 'tso'];
  const { status, stdout } = runProgram('cli/main.js', [...asked, '--outcome', '0, 0']);
  expect(stdout).toContain('0, 0 after 6 steps');
  expect(stdout).toContain('leaves the buffer');
  expect(status).toBe(0);
  const replay = stdout.match(/replay: (\S+)/)?.[1] ?? '';
  const again = runProgram('cli/main.js', ['explore', 'litmus/sb', '--replay', replay]);
  expect(again.stdout).toContain('every operation is as it was recorded');
  expect(again.status).toBe(0);
  const never = runProgram('cli/main.js', [...asked, '--outcome', '7, 7']);
  expect(never.stdout).toContain('litmus/sb: no execution that was looked at ends with 7, 7');
});

test('a published ring buffer is explored as it is, with its own typed arrays and Atomics', () => {
  const file = 'dist/bench/races/published-ring.js';
  const { status, stdout } = runProgram('cli/main.js', ['explore', file, '--all']);
  expect(stdout).toContain('sc  all 2,149 interleavings (117 states)');
  expect(status).toBe(0);
});
