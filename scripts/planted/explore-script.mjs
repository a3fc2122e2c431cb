// node explore-script.mjs SCENARIO '{"machine":…,"preemptions":…}'
//
// Explores one scenario with the dist/ of SYSLETS_TEST_DIST until it shows something forbidden; then
// makes the shortest such execution again, a hundred times. Exit 1 if it was found.

import { fileURLToPath, pathToFileURL } from 'node:url';

const REPLAYS = 100;

const dist = pathToFileURL(`${process.env.SYSLETS_TEST_DIST}/`);
const { explore, replayOften } = await import(new URL('explore/index.js', dist));
const { discover } = await import(new URL('stress/index.js', dist));

const [name = '', given = '{}'] = process.argv.slice(2);
const { machine = 'sc', preemptions } = JSON.parse(given);
const file = fileURLToPath(new URL(`scenarios/${name}.js`, dist));
const found = await discover([file]);
const start = performance.now();
const result = explore(found, {
  tool: 'planted',
  machines: [machine],
  search: preemptions === undefined ? { kind: 'all' } : { kind: 'preemptions', bound: preemptions },
  seed: 1,
  timeMs: Number(process.env.SYSLETS_TEST_SECONDS ?? 60) * 1000,
  maxStates: 1_000_000,
});
const [explored] = result.scenarios;
const seconds = ((performance.now() - start) / 1000).toFixed(2);
if (explored?.skipped) throw new Error(`${name}: ${explored.skipped}`);
if (!explored?.failure) {
  console.log(`nothing forbidden in ${seconds} s`);
} else {
  const { failure, machines } = explored;
  const { program } = failure.history ?? {};
  const same = replayOften(found[0], failure.replay, failure.end, REPLAYS, program);
  console.log(
    `forbidden: ${failure.end.text || failure.end.kind}: ${failure.preemptions} preemptions, ` +
      `${machines[0].coverage.states} states, ${seconds} s, replayed ${same} of ${REPLAYS}: ${failure.replay}`,
  );
  if (same !== REPLAYS) throw new Error(`the schedule was replayed ${same} times of ${REPLAYS}`);
  process.exitCode = 1;
}
