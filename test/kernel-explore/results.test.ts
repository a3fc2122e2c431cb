// Results of the kernel side are results as all others: of parts, of a run that goes on, and on a page.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  exploreAll,
  KERNEL_SCENARIOS,
  type KernelScenario,
} from '../../lib/kernel-explore/index.ts';
import { exploreHtml } from '../../lib/report/explore-html.ts';
import { exploreJunit } from '../../lib/report/explore-junit.ts';
import type { ExploredScenario, ExploreResult } from '../../lib/report/explore-result.ts';
import { exploreText, exploreVerdict } from '../../lib/report/explore-text.ts';
import { mergeExplored } from '../../lib/report/merge-explored.ts';
import { noPaint } from '../../lib/report/paint.ts';
import { runProgram } from '../cli/run.ts';
import { useExplorer } from './tools.ts';

const program = useExplorer();
const folder = mkdtempSync(join(tmpdir(), 'syslets-kernel-explore-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NAMES = ['kernel/completion-and-wait', 'kernel/reader-spins', 'kernel/place-by-status'];
const COMMAND = ['explore', ...NAMES];

function resultIn(file: string): ExploreResult {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** What does not depend on the clock. */
function untimed(scenarios: readonly ExploredScenario[]) {
  return scenarios
    .map((one) => ({ ...one, machines: one.machines.map(({ ms: _, ...machine }) => machine) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function whole(): ExploreResult {
  const file = join(folder, 'whole.json');
  const { status } = runProgram('cli/main.js', [...COMMAND, '--json', file]);
  expect(status).toBe(0);
  return resultIn(file);
}

describe('results', () => {
  test('of all parts are the result of the whole', () => {
    const files = ['1/2', '2/2'].map((part, index) => {
      const file = join(folder, `part-${index}.json`);
      runProgram('cli/main.js', [...COMMAND, '--shard', part, '--json', file]);
      return file;
    });
    const parts = files.map(resultIn);
    expect(parts.map(({ scenarios }) => scenarios.length)).toEqual([2, 1]);
    expect(untimed(mergeExplored(parts))).toEqual(untimed(whole().scenarios));
    const { status, stdout } = runProgram('cli/main.js', ['report', ...files]);
    for (const name of NAMES) expect(stdout).toContain(`PASSED      ${name}`);
    expect(stdout).toMatch(/RESULT +SC +TSO +WEAK +EXPECT/);
    expect(status).toBe(0);
  });

  test('go on with --resume, to what one run gives', () => {
    const file = join(folder, 'resumed.json');
    const all = whole();
    const [first, ...others] = all.scenarios;
    const marked = { ...first, description: 'kept' };
    writeFileSync(file, JSON.stringify({ ...all, scenarios: [marked] }));
    const { status } = runProgram('cli/main.js', [...COMMAND, '--resume', file]);
    expect(status).toBe(0);
    const [kept, ...made] = resultIn(file).scenarios;
    expect(kept).toEqual(marked);
    expect(untimed(made)).toEqual(untimed(others));
  });

  test('of other options do not go on', () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, JSON.stringify(whole()));
    const more = ['--resume', file, '--preemptions', '1'];
    const { status, stderr } = runProgram('cli/main.js', [...COMMAND, ...more]);
    expect(stderr).toContain(
      "it is of other options (kernel; sc,tso,weak; bounds of each scenario's",
    );
    expect(status).toBe(2);
  });

  test('of other sources are explored anew', async () => {
    const [scenario] = KERNEL_SCENARIOS as readonly [KernelScenario];
    const options = { tool: '', models: ['sc'] } as const;
    const { scenarios } = await exploreAll(program(), [scenario], options);
    const kept = scenarios.map((one) => ({ ...one, description: 'kept' }));
    const again = await exploreAll(program(), [scenario], { ...options, done: kept });
    expect(again.scenarios[0]?.description).toBe('kept');
    const done = kept.map((one) => ({ ...one, source: 'another' }));
    const anew = await exploreAll(program(), [scenario], { ...options, done });
    expect(anew.scenarios[0]?.description).toBe(scenario.description);
    const otherTable = { ...scenario, outcomes: scenario.outcomes.slice(1) };
    const graded = await exploreAll(program(), [otherTable], { ...options, done: kept });
    expect(graded.scenarios[0]?.description).toBe(scenario.description);
  });

  test('say what had no time', async () => {
    const scenarios = KERNEL_SCENARIOS.slice(0, 1);
    const result = await exploreAll(program(), scenarios, { tool: '', timeMs: 0 });
    expect(result.scenarios[0]?.machines.map(({ coverage }) => coverage.why)).toEqual(
      Array(3).fill('the time was over'),
    );
    expect(result.scenarios.map(exploreVerdict)).toEqual(['not enough']);
  });

  test('of chance have their seed, and claim nothing', () => {
    const chance = ['--random', '50', '--seed', '7', '--machine', 'weak'];
    const run = () =>
      runProgram('cli/main.js', ['explore', 'kernel/hand-over', ...chance, '--all']);
    const { status, stdout } = run();
    expect(stdout).toContain('weak 50 random executions (uniform, seed 7), no claim');
    expect(status).toBe(0);
    const counts = (text: string) => text.match(/^ +\d, \d, \d +\d+/gm);
    expect(counts(stdout)).not.toBeNull();
    expect(counts(run().stdout)).toEqual(counts(stdout));
  });

  test('have the schedule to an outcome that is asked for, which replays', () => {
    const asked = ['explore', 'kernel/hand-over', '--machine', 'sc', '--preemptions', '1'];
    const { status, stdout } = runProgram('cli/main.js', [...asked, '--outcome', '0, 1, 0']);
    expect(stdout).toMatch(/0, 1, 0 after \d+ steps, 0 preemptions \(sc\)/);
    expect(status).toBe(0);
    const [, schedule = ''] = /replay: (\S+)/.exec(stdout) ?? [];
    const again = runProgram('cli/main.js', ['explore', 'kernel/hand-over', '--replay', schedule]);
    expect(again.stdout).toContain('every operation is as it was recorded');
    expect(again.status).toBe(0);
    const never = runProgram('cli/main.js', [...asked, '--outcome', '9, 9, 9']);
    expect(never.stdout).toContain('no execution that was looked at ends with 9, 9, 9');
  });
});

describe("v7's policy fails as row 13 of the defects says", () => {
  let explored: ExploredScenario;
  const NAME = 'kernel/v7-completion-and-wait';

  test('as its table says, with a schedule that a user can make again', () => {
    const asked = runProgram('cli/main.js', ['explore', NAME, '--outcome', 'asleep', '--all']);
    expect(asked.stdout).toContain(`PASSED      ${NAME}`);
    expect(asked.stdout).toMatch(/^ +asleep +- +- +\d+ +interesting +the head is seen too late/m);
    expect(asked.stdout).toMatch(/asleep after \d+ steps, 0 preemptions \(weak\)/);
    expect(asked.status).toBe(0);
    const [, schedule = ''] = /replay: (\S+)/.exec(asked.stdout) ?? [];
    const again = runProgram('cli/main.js', ['explore', NAME, '--replay', schedule]);
    expect(again.stdout).toContain('every operation is as it was recorded');
    expect(again.status).toBe(0);
  });

  beforeAll(async () => {
    if (program() === '') return; // the tests are skipped, with the reason
    const [scenario] = KERNEL_SCENARIOS as readonly [KernelScenario];
    const v7 = { ...scenario, name: NAME };
    const { scenarios } = await exploreAll(program(), [v7], { tool: '' });
    explored = scenarios[0] as ExploredScenario;
  });

  test('under weak alone, by a store that is seen too late', () => {
    expect(explored.failure).toMatchObject({
      machine: 'weak',
      preemptions: 0,
      end: { kind: 'deadlock', text: 'no actor can go on' },
    });
    const [sc, tso, weak] = explored.machines.map(({ ends }) => ends.map(({ kind }) => kind));
    expect([sc, tso]).toEqual([['outcome'], ['outcome']]);
    expect(weak).toContain('deadlock');
    const steps = explored.failure?.steps ?? [];
    const late = steps.findIndex(({ text, notes }) => {
      return text === 'ring.kernel_head = 1' && notes.includes('waits in its buffer');
    });
    const stale = steps.findIndex(
      ({ text, notes }) =>
        text === 'ring.kernel_head → 0' &&
        notes.includes('stale: a newer store is still in a buffer'),
    );
    const seen = steps.findIndex(({ text }) => text === 'ring.kernel_head = 1 leaves the buffer');
    expect(late).toBeGreaterThan(0);
    expect([stale > late, seen > stale]).toEqual([true, true]);
  });

  test('in text', () => {
    const text = exploreText({ scenarios: [explored] }, { paint: noPaint });
    expect(text).toContain('FAILED      kernel/v7-completion-and-wait');
    expect(text).toMatch(/^ +deadlock +- +- +\d+ +forbidden +no actor can go on/m);
    expect(text).toMatch(/deadlock: no actor can go on after \d+ steps, 0 preemptions \(weak\)/);
  });

  test('on the page, with a lane for each actor', () => {
    const page = exploreHtml([explored]);
    for (const text of ['WEAK', 'completer', 'waiter', 'stale: a newer store']) {
      expect(page).toContain(text);
    }
    const { steps = [] } = explored.failure ?? {};
    expect(page.match(/role="rowheader"/g)).toHaveLength(steps.length);
    expect(page.match(/class="arrow/g)?.length ?? 0).toBe(steps.filter(({ from }) => from).length);
  });

  test('in JUnit XML', (context) => {
    const file = join(folder, 'v7.xml');
    writeFileSync(file, exploreJunit([explored]));
    const xml = readFileSync(file, 'utf8');
    expect(xml).toContain('<failure message="deadlock: no actor can go on" type="forbidden">');
    const { error, status, stderr } = spawnSync('xmllint', ['--noout', file], { encoding: 'utf8' });
    if (error) context.skip('xmllint is missing');
    expect([status, stderr]).toEqual([0, '']);
  });
});
