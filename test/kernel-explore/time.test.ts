// How the searches of a scenario share its time, told by a program that says how it was called.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  exploreAll,
  fewestPreemptions,
  KERNEL_SCENARIOS,
  type KernelScenario,
} from '../../lib/kernel-explore/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-kernel-time-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const calls = join(folder, 'calls');
const program = join(folder, 'program');
const [scenario] = KERNEL_SCENARIOS as readonly [KernelScenario];

const FAILED = '{"count":1,"values":[],"failure":"planted","schedule":"k2"}';
const STEP = '{"actor":0,"name":"one","op":"start"}';

/** Each call takes a moment; those with the word end with a failure. */
function programWith(word: string): void {
  const result = (outcome: string) =>
    `{"model":"'"$3"'","preempted":0,"ms":1,"trace":[${STEP}],"outcomes":[${outcome}]}`;
  const lines = [
    '#!/bin/sh',
    `echo "$*" >> '${calls}'`,
    'sleep 0.05',
    `case " $* " in *" ${word}"*) echo '${result(FAILED)}' ;; *) echo '${result('')}' ;; esac`,
  ];
  writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o755 });
}

beforeEach(() => writeFileSync(calls, ''));

const made = () => readFileSync(calls, 'utf8').trim().split('\n');
const timesOf = (lines: readonly string[]) =>
  lines.map((line) => Number(/--time (\d+)/.exec(line)?.[1]));

test('all bounds of the shortest schedule have one deadline', async () => {
  programWith('never');
  const deadline = performance.now() + 3_600_000;
  const bounds = { model: 'sc', preemptions: 3 } as const;
  expect(await fewestPreemptions(program, scenario, bounds, { deadline })).toBeUndefined();
  const times = timesOf(made());
  expect(times).toHaveLength(4);
  for (const [at, time] of times.entries()) {
    expect(time).toBeLessThan(at === 0 ? 3_600_001 : (times[at - 1] as number));
  }
});

test('behind the deadline no bound is searched', async () => {
  programWith('never');
  const deadline = performance.now();
  const bounds = { model: 'sc', preemptions: 3 } as const;
  expect(await fewestPreemptions(program, scenario, bounds, { deadline })).toBeUndefined();
  expect(made()).toEqual(['']);
});

test('the search for a failure and for its schedule have one deadline', async () => {
  programWith('--');
  await exploreAll(program, [scenario], { tool: '', models: ['sc'], timeMs: 3_600_000 });
  const [search, shortest] = timesOf(made()) as [number, number];
  expect(shortest).toBeLessThan(search);
});

test('the schedule to what chance has found is searched for with a limit', async () => {
  programWith('--random');
  const random = { executions: 1, seed: 1 };
  await exploreAll(program, [scenario], { tool: '', models: ['sc'], random });
  const bounded = made().filter((line) => /--bound/.test(line) && !/--random/.test(line));
  expect(bounded.length).toBeGreaterThan(0);
  for (const time of timesOf(bounded)) expect(time).toBeLessThanOrEqual(600_000);
});

test('the schedule is searched for on one machine alone', async () => {
  programWith('--');
  const { scenarios } = await exploreAll(program, [scenario], { tool: '' });
  expect(scenarios[0]?.machines.map(({ ends }) => ends.length)).toEqual([1, 1, 1]);
  expect(made().filter((line) => line.includes('--replay'))).toHaveLength(1);
});
