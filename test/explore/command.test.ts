import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { explore as exploreFound } from '../../lib/explore/index.ts';
import type { ExploreEvent, ExploreResult } from '../../lib/report/explore-result.ts';
import { discover } from '../../lib/stress/index.ts';
import { runProgram } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-explore-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

function explore(name: string, ...options: readonly string[]) {
  return runProgram('cli/main.js', ['explore', fixture(name), ...options]);
}

const replayIn = (text: string) => /replay: (\S+)/.exec(text)?.[1] ?? '';

describe('a failure', () => {
  test.each([
    ['lost-update', '1 after 4 steps, 1 preemption (sc)', 'lost update: left reads in step 1'],
    ['lost-wake-up', 'deadlock: waiter sleeps in wait', 'lost wake-up: notifier notifies'],
    ['no-recheck', '0 after 7 steps, 0 preemptions', 'missing re-check: waiter goes on'],
    ['torn', '1, 0 after 4 steps, 1 preemption', 'torn read: writer writes in steps 1 to 4'],
    // no longer than what has to stay together
    ['published-early', '1, 0 after', 'torn read: maker writes in steps 2 to 5'],
    ['aba', ', 2, 23 after', 'ABA: slow reads in step 1, and its compareExchange in step 13'],
    [
      'lock-order',
      'livelock: left looks',
      'lock order: right has taken in step 2 what left waits for',
    ],
    ['peterson', '(tso)', 'store buffer: the store of step 1'],
  ])('%s has its shortest schedule and its cause', (name, schedule, cause) => {
    const { status, stdout } = explore(name);
    expect(stdout).toContain(schedule);
    expect(stdout).toContain(cause);
    expect(status).toBe(1);
  });

  test('a waiter that looks again and sleeps again misses no re-check', () => {
    const { status, stdout } = explore('notify-one');
    expect(stdout).toMatch(
      /lost wake-up: the notify of step \d+ wakes actor\d, which sleeps again in step \d+/,
    );
    expect(stdout).not.toContain('missing re-check');
    expect(status).toBe(1);
  });

  test.each([
    ['sleeps-if-told', [], 'deadlock: waiter sleeps'],
    ['woken-otherwise', ['--outcome', '0'], '0 after 7 steps'],
  ])('%s is not repaired where other operations are made', (name, options, schedule) => {
    const { status, stdout } = explore(name, '--machine', 'sc', ...options);
    expect(stdout).toContain(schedule);
    expect(stdout).not.toContain('it ends well');
    expect(status).toBe(1);
  });

  test('a compareExchange that failed has changed nothing', () => {
    const { stdout } = explore('refused', '--outcome', '1, 0', '--all');
    expect(stdout).toContain('x 5 ⇒ 6: no, it is 0');
    expect(stdout).not.toContain('lost update');
    // and an outcome that is right has no mistake for its cause
    expect(stdout).not.toContain('it ends well');
  });

  test('has the same string in every run, which replays it', () => {
    const [first, second] = [explore('lost-update').stdout, explore('lost-update').stdout];
    expect(replayIn(first)).toMatch(/^x1\.sc\./);
    expect(replayIn(second)).toBe(replayIn(first));
    const { status, stdout } = explore('lost-update', '--replay', replayIn(first));
    expect(stdout).toContain('every operation is as it was recorded');
    expect(status).toBe(1);
  });

  test('is found by chance, too', () => {
    for (const strategy of ['uniform', 'pct']) {
      const options = ['--random', '2000', '--seed', '7', '--strategy', strategy];
      const { status, stdout } = explore('lost-update', ...options);
      expect(stdout).toContain(`2,000 random executions (${strategy}, seed 7), no claim`);
      expect(status).toBe(1);
    }
  });

  test('is not there within fewer preemptions', () => {
    const { status, stdout } = explore('lost-update', '--preemptions', '0', '--machine', 'sc');
    expect(stdout).toContain('all with up to 0 preemptions: 2 (');
    expect(status).toBe(0);
  });
});

describe('a replay string', () => {
  const good = replayIn(explore('lost-update').stdout);

  test('of another machine than was named is refused', () => {
    const { status, stderr } = explore('lost-update', '--replay', good, '--machine', 'tso');
    expect(stderr).toContain('--replay: the schedule is of --machine sc');
    expect(status).toBe(2);
  });

  test('of another scenario is refused', () => {
    const { status, stderr } = explore('torn', '--replay', good);
    expect(stderr).toContain('it is of another scenario than fixtures/torn');
    expect(status).toBe(2);
  });

  test('of another version is refused', () => {
    const { status, stderr } = explore('lost-update', '--replay', good.replace('x1', 'x9'));
    expect(stderr).toContain('it is of version x9, this is x1');
    expect(status).toBe(2);
  });

  test('with any one character changed is refused', () => {
    for (const at of [4, 8, 13, 18, good.length - 6, good.length - 1]) {
      if (good[at] === '.') continue;
      const changed = good.slice(0, at) + (good[at] === 'a' ? 'b' : 'a') + good.slice(at + 1);
      const { status, stderr } = explore('lost-update', '--replay', changed);
      expect(stderr, changed).toContain('was changed');
      expect(status).toBe(2);
    }
  });

  test('of a source that has changed names the first operation that differs', () => {
    const file = join(folder, 'changed.ts');
    // compiled modules: beside a file outside of any project nothing that is compiled is kept
    const source = readFileSync(fixture('lost-update'), 'utf8').replaceAll(
      /\.\.\/\.\.\/\.\.\/lib\/(\S+)\.ts/g,
      `${fileURLToPath(new URL('../../dist', import.meta.url))}/$1.js`,
    );
    writeFileSync(file, source);
    const recorded = replayIn(runProgram('cli/main.js', ['explore', file]).stdout);
    writeFileSync(file, source.replace('state.count + 1', 'state.count + 2'));
    const strict = runProgram('cli/main.js', ['explore', file, '--replay', recorded]);
    expect(strict.stdout).toContain('step 4: left does `count = 2`');
    expect(strict.stdout).toContain('The source of the scenario has changed since.');
    expect(strict.status).toBe(2);
    const more = ['explore', file, '--replay', recorded, '--lenient'];
    expect(runProgram('cli/main.js', more).stdout).toContain('2 after 4 steps');
  });
});

describe('what cannot be explored is refused and named', () => {
  test.each([
    ['random', 'actor left cannot be explored: it calls Math.random at'],
    ['date', 'it calls Date.now at'],
    ['counter', 'actor left is no function of what it reads'],
    ['escapes', 'it calls TextDecoder.decode with a view of shared memory at'],
    ['never-ends', 'actor left has run for 1 s without an access'],
    ['catches-for-ever', "it has caught the explorer's error"],
  ])('%s', (name, message) => {
    const patience = /ever|ends/.test(name) ? ['--patience', '1s'] : [];
    const { status, stderr } = explore(name, ...patience);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test('half floats, where the language has them', (context) => {
    if (!('Float16Array' in globalThis)) context.skip('Float16Array comes with Node 24');
    const { status, stderr } = explore('half-floats');
    expect(stderr).toContain('new Float16Array with a view of shared memory at');
    expect(status).toBe(2);
  });

  test('others beside those of the kernel side', () => {
    const { status, stderr } = runProgram('cli/main.js', ['explore', 'kernel/park', 'litmus/sb']);
    expect(stderr).toContain('litmus/sb is no scenario of the kernel side');
    expect(status).toBe(2);
  });

  test('a bound that only the kernel side has', () => {
    const { status, stderr } = explore('lost-update', '--delays', '2');
    expect(stderr).toContain('--delays is of scenarios of the kernel side');
    expect(status).toBe(2);
  });

  test('native actors', () => {
    const { status, stdout } = runProgram('cli/main.js', ['explore', 'ring/wrap']);
    expect(stdout).toMatch(/NOT RUN {5}ring\/wrap {2}actor \w+ is native/);
    expect(status).toBe(3);
  });
});

test('an actor that catches everything and ends is explored as it is', () => {
  const { status, stdout } = explore('catches', '--all');
  expect(stdout).toContain('all 7 interleavings');
  expect(status).toBe(0);
});

test('a loop without an end is folded and said, one that ends by itself is not', () => {
  const { status, stdout } = explore('spins', '--machine', 'sc', '--all');
  expect(stdout).toContain('24,425,115,961,202,960 interleavings');
  expect(stdout).toContain('folded: waiter waits in a loop at');
  expect(stdout).not.toContain('looker waits');
  expect(stdout).toContain('the looks were used up');
  expect(status).toBe(0);
});

test('too many states: what was seen, an honest line, and status 3', () => {
  const { status, stdout } = explore('eight', '--max-states', '20000');
  expect(stdout).toContain('NOT ENOUGH  fixtures/eight');
  expect(stdout).toContain('a part only, no claim: more than 20000 states');
  expect(status).toBe(3);
});

test('eight actors by reduction: what is left of the time says so', () => {
  const { status, stdout } = explore('eight', '--reduce', '--machine', 'sc', '--time', '1s');
  expect(stdout).toContain('a part only, no claim: the time was over');
  expect(status).toBe(3);
});

test('the reduction sees what all interleavings show, by fewer', () => {
  const options = ['--reduce', '--machine', 'sc', '--all'];
  const { status, stdout } = runProgram('cli/main.js', ['explore', 'litmus/iriw', ...options]);
  expect(stdout).toMatch(/all interleavings, by \d+ that differ in the order of dependent steps/);
  expect(stdout.match(/acceptable/g)).toHaveLength(15);
  expect(status).toBe(0);
});

test('the page and the XML have the schedule', () => {
  const [html, junit] = [join(folder, 'page.html'), join(folder, 'junit.xml')];
  explore('lost-update', '--html', html, '--junit', junit);
  const page = readFileSync(html, 'utf8');
  expect(page).toContain('<code>count → 0</code>');
  expect(page).toContain('lost update: left reads in step 1');
  expect(page).not.toContain('<script');
  expect(readFileSync(junit, 'utf8')).toContain('<failure message="outcome: 1"');
});

test('the time is kept, and what it did not suffice for is said', () => {
  const { status, stdout } = explore('eight', '--time', '1s');
  // a fast machine has searched a bound before that
  expect(stdout).toMatch(/a part only(, no claim)?: the time was over/);
  expect(status).toBe(3);
});

test('each machine has its part of the time', async () => {
  const found = await discover([fixture('eight')]);
  // a clock that goes on by looking at it: a millisecond for each state
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now++);
  const options = { machines: ['sc', 'tso'], model: true, seed: 1, tool: '' } as const;
  const budget = { timeMs: 9, maxStates: 1_000_000 };
  const { scenarios } = exploreFound(found, { ...options, search: { kind: 'all' }, ...budget });
  clock.mockRestore();
  const coverage = scenarios[0]?.machines.map(({ coverage: one }) => one);
  expect(coverage?.map(({ why }) => why)).toEqual(Array(2).fill('the time was over'));
  for (const { states } of coverage ?? []) expect(states).toBeGreaterThan(100);
});

test('a part that does not ask the model leaves it no time', async () => {
  const found = await discover([fixture('eight')]);
  const run = (machines: readonly ('sc' | 'tso')[]) => {
    // by executions: a search that was slow and begins anew has its time again
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const onEvent = (event: ExploreEvent) => {
      if (event.kind === 'progress') now = event.executions ?? 0;
    };
    const options = { machines, model: true, seed: 1, tool: '', maxStates: 1_000_000, onEvent };
    const search = { kind: 'reduced' } as const;
    const part = { timeMs: 3000, shard: { index: 2, count: 2 } };
    const { scenarios } = exploreFound(found, { ...options, search, ...part });
    clock.mockRestore();
    return scenarios[0]?.machines.map(({ machine, coverage }) => [machine, coverage]);
  };
  const alone = run(['sc']);
  expect(alone).toMatchObject([['sc', { why: 'the time was over' }]]);
  expect(run(['sc', 'tso'])).toEqual(alone);
});

describe('--resume', () => {
  const file = join(folder, 'resumed.json');
  const args = ['explore', 'litmus/sb', 'litmus/mp', '--resume', file];

  test('goes on, and gives what one run gives', () => {
    const { status } = runProgram('cli/main.js', args);
    expect(status).toBe(0);
    const whole = JSON.parse(readFileSync(file, 'utf8')) as ExploreResult;
    const [first] = whole.scenarios;
    writeFileSync(file, JSON.stringify({ ...whole, scenarios: [first] }));
    runProgram('cli/main.js', args);
    const again = JSON.parse(readFileSync(file, 'utf8')) as ExploreResult;
    expect(again.scenarios).toEqual(whole.scenarios);
  });

  test('explores anew what has no schedule: there may be time for one now', () => {
    const { status } = runProgram('cli/main.js', args);
    expect(status).toBe(0);
    const whole = JSON.parse(readFileSync(file, 'utf8')) as ExploreResult;
    const [first, second] = whole.scenarios.map((one) => ({ ...one, description: 'kept' }));
    const noSchedule = { ...first, noSchedule: 'the budget did not suffice' };
    writeFileSync(file, JSON.stringify({ ...whole, scenarios: [noSchedule, second] }));
    runProgram('cli/main.js', args);
    const again = JSON.parse(readFileSync(file, 'utf8')) as ExploreResult;
    expect(again.scenarios.map(({ description }) => description === 'kept')).toEqual([false, true]);
  });

  test('of another outcome is refused: the schedule in it is to that one', () => {
    const { status, stderr } = runProgram('cli/main.js', [...args, '--outcome', '0, 0']);
    expect(stderr).toContain('this run has sc,tso,model; all; 10000 steps; to 0, 0');
    expect(status).toBe(2);
  });

  test('of other options is refused', () => {
    const { status, stderr } = runProgram('cli/main.js', [...args, '--preemptions', '2']);
    expect(stderr).toContain(
      'it is of other options (sc,tso,model; all; 10000 steps), this run has sc,tso,model; preempt',
    );
    expect(status).toBe(2);
  });

  test('of another shard, or no result at all, is refused', () => {
    const other = runProgram('cli/main.js', [...args, '--shard', '1/2']);
    expect(other.stderr).toContain('it is of all parts, this run is of part 1/2');
    const none = join(folder, 'none.json');
    writeFileSync(none, '{}');
    const { status, stderr } = runProgram('cli/main.js', ['explore', '--resume', none]);
    expect(stderr).toContain('is no result of syslets explore');
    expect(status).toBe(2);
  });
});

describe('--shard', () => {
  test('parts are all of it together', async () => {
    const names = ['1/2', '2/2'].flatMap((part, index) => {
      const file = join(folder, `shard-${index}.json`);
      runProgram('cli/main.js', ['explore', 'wait', '--shard', part, '--json', file]);
      const { scenarios } = JSON.parse(readFileSync(file, 'utf8')) as ExploreResult;
      return scenarios.map(({ name }) => name);
    });
    const all = await discover(['wait']);
    expect(names.sort()).toEqual(all.map(({ name }) => name).sort());
  });

  test('--list shows those of the part, and an empty part says so', () => {
    const list = (part: string) =>
      runProgram('cli/main.js', ['explore', 'litmus/sb', 'litmus/mp', '--list', '--shard', part]);
    expect(list('1/2').stdout).toMatch(/^litmus\/\w+ .*\n$/);
    expect(list('3/3').stdout).toContain('no scenario is in this part');
    const { status, stdout } = explore('torn', '--shard', '2/2');
    expect(stdout).toContain('no scenario is in this part');
    expect(status).toBe(3);
  });

  test.each([
    ['3/2', 'part 3 of 2, expected 1 to 2'],
    ['x', "--shard is 'x', expected a part"],
  ])('%s is refused', (part, message) => {
    const { status, stderr } = runProgram('cli/main.js', ['explore', 'wait', '--shard', part]);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

test.each([
  [['--reduce', '--preemptions', '1'], 'exclude each other'],
  [['--machine', 'arm'], "--machine is 'arm', expected some of sc, tso and model"],
  [['--preemptions', 'x'], "--preemptions is 'x', expected an integer from 0"],
  [['--random', '0'], "--random is '0', expected an integer from 1"],
  [['--random', '5', '--strategy', 'x'], 'Allowed choices are uniform, pct'],
  [['--random', '5', '--preemptions', '1'], 'exclude each other'],
  [['--max-states', '0'], "--max-states is '0', expected an integer from 1"],
  [['--programs', '5'], '--programs is of a linearizable, and none was named'],
  [['--program', 'f()'], 'is no linearizable'],
  [['--seed', '5'], '--seed is of --random and of a linearizable'],
  [['--strategy', 'pct'], '--strategy is of --random: give both, or none'],
  [['--lenient'], '--lenient is of --replay: give both, or none'],
  [['--random', '5', '--max-states', '5'], '--max-states means nothing beside --random'],
  [['--replay', 'x1', '--preemptions', '1'], '--preemptions means nothing beside --replay'],
  [['--list', '--replay', 'x1'], '--replay means nothing beside --list'],
  [['--list', '--max-states', '7'], '--max-states means nothing beside --list'],
  [['--machine', 'tso,model', '--reduce'], '--reduce is of --machine sc'],
  [
    ['--machine', 'model', '--preemptions', '1'],
    '--preemptions means nothing beside --machine model',
  ],
  [['--machine', 'model', '--random', '9'], '--random means nothing beside --machine model'],
  [['--machine', 'model', '--outcome', '1, 0'], '--outcome means nothing beside --machine model'],
  [['--replay', 'x1'], 'torn: --replay x1: it has 1 parts'],
])('%j is a mistake', (options, message) => {
  const { status, stderr } = explore('torn', ...options);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});

test('no half of a result is ever seen', () => {
  const file = join(folder, 'whole.json');
  explore('torn', '--json', file);
  expect(existsSync(file)).toBe(true);
  const { format, version } = JSON.parse(readFileSync(file, 'utf8')) as ExploreResult;
  expect([format, version]).toEqual(['syslets-explore', 1]);
});
