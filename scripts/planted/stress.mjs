// Runs one scenario until it shows something forbidden: stress.mjs SCENARIO. Exit 1 when it has.

import { fileURLToPath, pathToFileURL } from 'node:url';

const dist = pathToFileURL(`${process.env.SYSLETS_TEST_DIST}/`);
const { discover, dropHost, prepareHost, runStress } = await import(
  new URL('stress/index.js', dist)
);

const seconds = Number(process.env.SYSLETS_TEST_SECONDS ?? 60);
let isSeen = false;

/** Told at once, as `syslets stress` does: a run takes a moment more to end. */
function see(what) {
  if (!isSeen) console.log(`forbidden: ${what}`);
  isSeen = true;
}

function onEvent(event) {
  if (event.kind === 'seen' && event.isForbidden) see(event.outcome);
  if (event.kind !== 'session' && event.kind !== 'fails') return;
  const { end, detail } = event.report;
  if (end !== 'ok' && end !== 'cut') see(`${end}: ${detail?.message ?? ''}`);
}

const seed = Number(process.env.SYSLETS_TEST_SEED ?? Date.now() % 2 ** 32);
console.log(`SYSLETS_TEST_SEED=${seed}`);
prepareHost();
// by its file: a name would have all scenarios loaded
const files = process.argv
  .slice(2)
  .map((name) => fileURLToPath(new URL(`scenarios/${name}.js`, dist)));
await runStress(await discover(files), { timeMs: seconds * 1000, seed, tool: 'planted', onEvent });
dropHost();
if (!isSeen) console.log('nothing forbidden');
process.exitCode = isSeen ? 1 : 0;
