// node explore.mjs PROGRAM '{"scenario":…,"model":…,"preemptions":…}'
//
// Searches the scenario's executions with PROGRAM, the explorer of a kernel side with a bug, until one
// is forbidden; then makes that one again, a hundred times. Exit 1 if it was found.

import {
  fewestPreemptions,
  graded,
  kernelScenario,
  replay,
} from '../../dist/kernel-explore/index.js';

const REPLAYS = 100;

const [program = '', given = '{}'] = process.argv.slice(2);
const { scenario: name, ...exploration } = JSON.parse(given);
const scenario = kernelScenario(name);
if (!scenario) throw new Error(`there is no kernel scenario ${name}`);
const start = performance.now();
const limits = { timeMs: Number(process.env.SYSLETS_TEST_SECONDS ?? 60) * 1000 };
const found = await fewestPreemptions(program, scenario, exploration, limits);
const seconds = ((performance.now() - start) / 1000).toFixed(2);
if (!found) {
  console.log(`nothing forbidden in ${seconds} s`);
} else {
  const { outcome, search } = found;
  const { states, preemptions } = search;
  const same = await replayed(outcome);
  console.log(
    `forbidden: ${outcome.end.text}: ${preemptions} preemptions, ${states} states, ${seconds} s, ` +
      `replayed ${same} of ${REPLAYS}: ${outcome.schedule}`,
  );
  if (same !== REPLAYS) throw new Error(`the schedule was replayed ${same} times of ${REPLAYS}`);
  process.exitCode = 1;
}

/** How often the schedule gives the same outcome again. */
async function replayed({ schedule, end }) {
  const again = await replay(program, scenario, exploration.model, schedule, REPLAYS);
  const [outcome] = graded(scenario, again).outcomes;
  const isSame = !again.replay && outcome?.end.kind === end.kind && outcome.end.text === end.text;
  return isSame ? again.same : 0;
}
