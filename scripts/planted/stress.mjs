// Runs one scenario until it shows something forbidden: stress.mjs SCENARIO. Exit 1 when it has.
// `syslets stress` would use up its time; here the moment counts.

import { fileURLToPath, pathToFileURL } from 'node:url';

const dist = pathToFileURL(`${process.env.SYSLETS_TEST_DIST}/`);
const { discover, runStress } = await import(new URL('stress/index.js', dist));
const { WorstSeen } = await import(new URL('report/index.js', dist));

const seconds = Number(process.env.SYSLETS_TEST_SECONDS ?? 60);
const stop = new AbortController();
const worst = new WorstSeen();
let seen;

function look(scenario, counts) {
  worst.see(scenario, counts);
  if (worst.worst?.expect === 'forbidden') stopWith(worst.worst.outcome);
}

function stopWith(text) {
  seen ??= text;
  stop.abort();
}

function onEvent(event) {
  if (event.kind === 'progress') look(event.scenario, event.partial.counts);
  if (event.kind !== 'trial') return;
  look(event.scenario, event.trial.counts);
  const { end, detail } = event.trial;
  if (end !== 'ok') stopWith(`${end}: ${detail?.message ?? ''}`);
}

const seed = Number(process.env.SYSLETS_TEST_SEED ?? Date.now() % 2 ** 32);
console.log(`SYSLETS_TEST_SEED=${seed}`);
// by its file: a name would have all scenarios loaded
const files = process.argv
  .slice(2)
  .map((name) => fileURLToPath(new URL(`scenarios/${name}.js`, dist)));
await runStress(await discover(files), {
  timeMs: seconds * 1000,
  seed,
  tool: 'planted',
  signal: stop.signal,
  onEvent,
});
console.log(seen === undefined ? 'nothing forbidden' : `forbidden: ${seen}`);
process.exitCode = seen === undefined ? 0 : 1;
