import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type Exploration,
  explainedSteps,
  explore,
  graded,
  KERNEL_SCENARIOS,
  type KernelScenario,
  replay,
} from '../../lib/kernel-explore/index.ts';
import { runProgram } from '../cli/run.ts';
import { useExplorer } from './tools.ts';

const program = useExplorer();

/** A moment of each: what `syslets explore kernel` searches by default takes a minute or two. */
const SHORT: readonly Exploration[] = [
  { model: 'sc', preemptions: 1 },
  { model: 'tso', preemptions: 0, delays: 1 },
  { model: 'weak', preemptions: 0, delays: 1 },
];

/**
 * Of 4.57 million states under `weak`: `syslets explore kernel/two-completers --machine weak` searches them
 * all. Here two delayed stores do, the fewest that are seen out of order.
 */
const TOO_LONG_WHOLE: ReadonlySet<string> = new Set(['kernel/two-completers']);
const bounded = (one: Exploration): Exploration => ({ ...one, preemptions: 1, delays: 2 });

describe('scenarios of the kernel side', () => {
  test('the table is the one of native/sim/scenarios', () => {
    const listed = execFileSync(program(), ['--list'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).name as string)
      .filter((name) => name.startsWith('kernel/'));
    expect(KERNEL_SCENARIOS.map(({ name }) => name).sort()).toEqual(listed.sort());
  });

  test('docs/explore.md tells what is searched of each', () => {
    const text = readFileSync(new URL('../../docs/explore.md', import.meta.url), 'utf8');
    const [, table = ''] = text.split('| kernel scenario |');
    for (const { name, explore: all } of KERNEL_SCENARIOS) {
      const bound = all.find(({ model }) => model === 'sc')?.preemptions;
      const searched =
        bound === undefined
          ? 'all executions'
          : `all with up to ${bound} preemption${bound === 1 ? '' : 's'}`;
      expect(table).toContain(`| \`${name}\` | ${searched} |`);
    }
  });

  test('docs/explore.md counts those that were searched whole under tso', () => {
    const text = readFileSync(new URL('../../docs/explore.md', import.meta.url), 'utf8');
    const [, whole, all] = text.match(/(\d+) of (\d+) \(without `v7-completion-and-wait`\)/) ?? [];
    const [, cut = ''] = text.match(/It did not suffice for ([^;]*);/) ?? [];
    const names = [...cut.matchAll(/`([^`]+)`/g)].map(([, name]) => `kernel/${name}`);
    const known = KERNEL_SCENARIOS.map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining(names));
    expect([Number(all), Number(whole)]).toEqual([
      known.length - 1,
      known.length - 1 - names.length,
    ]);
  });

  test.each(KERNEL_SCENARIOS)(
    '$name: nothing forbidden',
    async (scenario: KernelScenario) => {
      // stores out of order need a second one that is delayed: where there is no bound
      const whole = scenario.explore.filter(
        ({ model, preemptions }) => model === 'weak' && preemptions === undefined,
      );
      const weak = TOO_LONG_WHOLE.has(scenario.name) ? whole.map(bounded) : whole;
      for (const exploration of [...SHORT, ...weak]) {
        const search = await explore(program(), scenario.name, exploration);
        const { forbidden } = graded(scenario, search);
        expect({ ...exploration, complete: search.complete, forbidden }).toEqual({
          ...exploration,
          complete: true,
          forbidden: [],
        });
        expect(search.states).toBeGreaterThan(10);
      }
    },
    1_200_000,
  );

  // fewer show nothing of an event that is opened twice
  test('kernel/park-reopens: nothing forbidden with three preemptions', async () => {
    const scenario = KERNEL_SCENARIOS.find(({ name }) => name === 'kernel/park-reopens');
    const search = await explore(program(), 'kernel/park-reopens', { model: 'sc', preemptions: 3 });
    expect(search.complete).toBe(true);
    expect(graded(scenario as KernelScenario, search).forbidden).toEqual([]);
  }, 300_000);

  test('one that is larger than --max-states says so, and is no verdict', () => {
    const args = ['explore', 'kernel/hand-over', '--machine', 'sc', '--max-states', '100'];
    const { status, stdout } = runProgram('cli/main.js', args);
    expect(stdout).toContain('sc  a part only, no claim: more than 100 states (100 states)');
    expect(status).toBe(3);
  });

  test('--filter and --shard choose scenarios', () => {
    const list = (...args: readonly string[]) =>
      runProgram('cli/main.js', ['explore', 'kernel', '--list', ...args]).stdout;
    const parts = ['1/2', '2/2'].map((part) => list('--filter', 'park', '--shard', part));
    expect(parts.map((part) => part.match(/^kernel\/\S+/gm))).toEqual([
      ['kernel/park', 'kernel/park-two', 'kernel/park-detach'],
      ['kernel/park-blind', 'kernel/park-reopens'],
    ]);
    expect(runProgram('cli/main.js', ['explore', 'kernel', '--filter', 'nothing']).status).toBe(2);
    expect(list('--shard', '99/99')).toContain('no scenario is in this part');
  });

  test('--delays bounds the stores that wait, where stores can', () => {
    const args = ['explore', 'kernel/completion-and-wait', '--machine', 'sc,weak', '--delays', '2'];
    const { status, stdout } = runProgram('cli/main.js', args);
    expect(stdout).toMatch(/ sc +all executions \(/);
    expect(stdout).toMatch(/ weak all with up to 2 delayed stores \(/);
    expect(status).toBe(0);
  });

  test('what is seen at random is among all that can happen', async () => {
    const texts = (search: Awaited<ReturnType<typeof explore>>) =>
      search.outcomes.map(({ failure, values }) => failure ?? values.join());
    for (const name of ['kernel/completion-and-wait', 'kernel/hand-over']) {
      const all = texts(await explore(program(), name, { model: 'sc' }));
      const seed = Math.floor(Math.random() * 2 ** 31);
      const random = { executions: 3000, seed };
      const some = texts(await explore(program(), name, { model: 'sc' }, { random }));
      for (const outcome of some) expect(all, `seed ${seed}`).toContain(outcome);
    }
  });
});

describe('a schedule', () => {
  const scenario = KERNEL_SCENARIOS.find(
    ({ name }) => name === 'kernel/hand-over',
  ) as KernelScenario;

  test('gives the same execution again, each time', async () => {
    for (const model of ['sc', 'tso', 'weak'] as const) {
      const search = await explore(program(), scenario.name, { model, preemptions: 1, delays: 1 });
      for (const { schedule, values } of search.outcomes) {
        const again = await replay(program(), scenario, model, schedule, 20);
        expect(again.outcomes[0]?.values).toEqual(values);
        expect([again.same, again.replay]).toEqual([20, undefined]);
      }
    }
  });

  test('found at random is made again, on each machine', async () => {
    const seeds = Array.from({ length: 8 }, () => Math.floor(Math.random() * 2 ** 31));
    const names = ['two-completers', 'place-interrupted', 'hand-over', 'v7-completion-and-wait'];
    for (const [at, seed] of seeds.entries()) {
      const name = `kernel/${names[at % names.length]}`;
      const random = { executions: 3, seed };
      for (const model of ['sc', 'tso', 'weak'] as const) {
        const search = await explore(program(), name, { model }, { random });
        for (const { schedule, values, failure } of search.outcomes) {
          const again = await explore(program(), name, { model }, { replay: schedule, repeat: 1 });
          const [made] = again.outcomes;
          expect([
            name,
            model,
            seed,
            made?.values,
            made?.failure,
            again.same,
            again.replay,
          ]).toEqual([name, model, seed, values, failure, 1, undefined]);
        }
      }
    }
  });

  test('with one character changed makes no other execution in silence', async () => {
    const search = await explore(
      program(),
      scenario.name,
      { model: 'weak' },
      { random: { executions: 1, seed: 5 } },
    );
    const [{ schedule, values } = { schedule: '', values: [] }] = search.outcomes;
    for (let at = 0; at < schedule.length; at += 1 + Math.floor(schedule.length / 25)) {
      const old = schedule[at] as string;
      const other = /\d/.test(old)
        ? `${(Number(old) + 1) % 10}`
        : String.fromCharCode(old.charCodeAt(0) + 1);
      const changed = schedule.slice(0, at) + other + schedule.slice(at + 1);
      const again = await replay(program(), scenario, 'weak', changed);
      expect(again.replay, changed).toBeDefined();
      expect([again.outcomes.length, values.length]).toEqual([1, 3]);
    }
    const longer = await replay(program(), scenario, 'weak', `${schedule}.a1:00`);
    expect(longer.replay).toMatch(/another execution/);
  });

  test('is a table of steps, each with its source', async () => {
    const search = await explore(program(), scenario.name, { model: 'sc' });
    const handed = search.outcomes.find(({ values }) => values[1] === 1);
    const again = await replay(program(), scenario, 'sc', handed?.schedule ?? '');
    const { actors, steps } = await explainedSteps(program(), again.trace ?? []);
    const claim = steps.find(({ text }) => text.startsWith('birth of context.claim ='));
    expect(actors[claim?.actor ?? 0]).toBe('task 1');
    expect(claim?.site).toMatch(/^syslet\.c:\d+ .*cur->claim/);
    expect(steps[0]?.text).toBe('start');
  });

  test('that cannot be read, or is of other sources, is said', async () => {
    const error = async (schedule: string) =>
      (await replay(program(), scenario, 'sc', schedule)).replay;
    const head = 'k2.sc.00000000';
    expect(await error('nonsense')).toMatch(/^the schedule does not begin with k2\./);
    expect(await error('a247:2e.b40:dc')).toMatch(
      /of a version that this explorer does not replay/,
    );
    expect(await error('k2.weak.00000000.a5:00')).toBe('the schedule cannot be read');
    expect(await error('k2.sc.0000.a5:00')).toBe('the schedule cannot be read');
    expect(await error(`${head}.a5`)).toBe('the schedule cannot be read');
    expect(await error(`${head}.a5:00`)).toMatch(/the sources have changed$/);
    expect(await error(`${head}.z5:00`)).toBe('the schedule cannot be read');
    expect(await error(`${head}.b5:00`)).toMatch(/the sources have changed$/);
    expect(await error(head)).toMatch(/^this is another execution than the recorded one/);
  });

  test('of another machine or version is refused by name', () => {
    const run = (...args: string[]) =>
      runProgram('cli/main.js', ['explore', 'kernel/hand-over', '--replay', ...args]);
    const old = run('a247:2e.b40:dc');
    expect(old.stderr).toContain('One of an earlier version cannot be made again');
    const other = run('k2.weak.00000000.a5:00', '--machine', 'tso');
    expect(other.stderr).toContain('the schedule is of --machine weak');
    expect([old.status, other.status]).toEqual([2, 2]);
  });
});
