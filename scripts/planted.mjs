// npm run planted [-- NAME... | --ci | --explore | --times N] [--seconds N] [--clean | --compile]
//
// Compiles each planted bug (test/planted/bugs) and runs what finds it: the finder, and where the bug
// shows in JavaScript, `syslets stress` and a loop of plain workers written by hand. Exit 1 if one is
// not found. --clean runs the same finders on the unchanged sources, which they must survive.
// --compile compiles what --ci and --explore run, and keeps it; that can be done beside other work.
// --times N lets stress and the loop find each bug N times in turns, and prints medians.

import { parseArgs } from 'node:util';
import { bugNames, readBug } from './planted/mutation.mjs';
import { prepare } from './planted/prepare.mjs';
import { find } from './planted/run.mjs';

const SECONDS = 60;
const CLEAN_SECONDS = 5;
const EXPLORE_SECONDS = 10;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ci: { type: 'boolean', default: false },
    clean: { type: 'boolean', default: false },
    compile: { type: 'boolean', default: false },
    explore: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    times: { type: 'string' },
  },
});

function wanted() {
  const names = bugNames();
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(', ')}; there are ${names.join(', ')}`);
    process.exit(2);
  }
  const bugs = (positionals.length > 0 ? positionals : names).map(readBug);
  if (values.explore) return bugs.filter(({ explore }) => explore);
  return values.ci ? bugs.filter(({ ci }) => ci) : bugs;
}

function row(cells) {
  const widths = [26, 9, 9, 9, 9];
  console.log(
    cells
      .map((cell, i) => String(cell).padEnd(widths[i] ?? 0))
      .join(' ')
      .trimEnd(),
  );
}

async function run(finder, bug, seconds) {
  return (await ready(finder, bug, seconds))();
}

/** Compiles what the finder needs; each call of the result runs it. */
async function ready(finder, bug, seconds) {
  const { command, args, env } = await prepare(finder, bug);
  // the explorer hangs on no bug: one that is killed was slow
  const mustSay = finder.explore !== undefined;
  return () => find(command, args, { seconds, env, mustSay });
}

function cell(result) {
  if (!result) return '-';
  return result.found ? `${result.seconds.toFixed(1)} s` : 'no';
}

/** 1 for each bug that nothing has found. */
async function findAll(bugs, seconds) {
  let missed = 0;
  row(['BUG', 'FINDER', 'EXPLORE', 'STRESS', 'BY HAND', 'WHAT THE FINDER SAW']);
  for (const bug of bugs) {
    // --explore: the explorer alone, which takes seconds and no luck
    const explored =
      !values.ci && bug.explore && (await run({ explore: bug.explore }, bug, EXPLORE_SECONDS));
    if (values.explore) {
      if (!explored.found) missed++;
      row([bug.name, '-', cell(explored), '-', '-', explored.said]);
      continue;
    }
    const finder = bug.finder && (await run(bug.finder, bug, seconds));
    // --ci: the finders alone, which take seconds; the others may take their whole minute
    const scenario = !values.ci && bug.scenario && (await run(stress(bug.scenario), bug, seconds));
    const naive = !values.ci && bug.naive && (await run(bug.naive, bug, seconds));
    // one without a finder shows under a model of memory alone
    if ((finder && !finder.found && !scenario?.found) || explored?.found === false) missed++;
    const { said } = finder ?? explored;
    row([bug.name, cell(finder), cell(explored), cell(scenario), cell(naive), said]);
  }
  return missed;
}

async function compileAll(bugs) {
  for (const bug of bugs) {
    if (bug.explore) await prepare({ explore: bug.explore }, bug);
    if (bug.ci) await prepare(bug.finder, bug);
  }
  return 0;
}

/** One scenario, by the runner of `syslets stress`, until it shows the bug. */
function stress(name) {
  return { script: 'scripts/planted/stress.mjs', args: [name] };
}

/** Stress and the loop in turns: how much later the one tells a bug than the other. */
async function race(bugs, seconds, times) {
  let missed = 0;
  row(['BUG', 'STRESS', 'BY HAND', 'LATER', '', `MEDIANS OF ${times}; WORST, MISSED`]);
  for (const bug of bugs.filter(({ scenario, naive }) => scenario && naive)) {
    const found = { stress: [], hand: [] };
    const byTool = await ready(stress(bug.scenario), bug, seconds);
    const byHand = await ready(bug.naive, bug, seconds);
    for (let time = 0; time < times; time++) {
      found.stress.push(await byTool());
      found.hand.push(await byHand());
    }
    const [tool, hand] = [timesOf(found.stress), timesOf(found.hand)];
    const text = (of) => `${of.worst.toFixed(1)} s, ${of.missed}`;
    const later = `${((tool.median - hand.median) * 1000).toFixed(0)} ms`;
    const cells = [tool, hand].map(({ median }) => `${median.toFixed(2)} s`);
    row([bug.name, ...cells, later, '', `stress ${text(tool)}; by hand ${text(hand)}`]);
    missed += tool.missed;
  }
  return missed;
}

/** What was not found counts as its whole time. */
function timesOf(results) {
  const sorted = results.map((one) => one.seconds).sort((a, b) => a - b);
  const median = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  return { median, worst: sorted.at(-1), missed: results.filter(({ found }) => !found).length };
}

/** Each finder once, on what is not changed; how many found something all the same. */
async function findNothing(bugs, seconds) {
  const finders = new Map();
  for (const { finder } of bugs) if (finder) finders.set(JSON.stringify(finder), finder);
  let wrong = 0;
  row(['FINDER', '', '', '', '', 'ON THE UNCHANGED SOURCES']);
  for (const finder of finders.values()) {
    const result = await run(finder, undefined, seconds);
    if (result.found) wrong++;
    const name = [finder.program ?? finder.script, ...finder.args].join(' ');
    row([name, '', '', '', '', `${result.found ? 'FOUND' : 'clean'}: ${result.said}`]);
  }
  return wrong;
}

function numberOfTimes() {
  if (values.times === undefined) return 0;
  const number = Number(values.times);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`--times is '${values.times}', expected a number above 0`);
  process.exit(2);
}

function chosen() {
  if (values.compile) return compileAll(bugs);
  if (values.clean) return findNothing(bugs, seconds);
  return times > 0 ? race(bugs, seconds, times) : findAll(bugs, seconds);
}

const seconds = Number(values.seconds ?? (values.clean ? CLEAN_SECONDS : SECONDS));
const bugs = wanted();
const times = numberOfTimes();
const failed = await chosen();
if (failed > 0) {
  console.error(values.clean ? `${failed} found what is not there` : `${failed} not found`);
}
process.exitCode = failed > 0 ? 1 : 0;
