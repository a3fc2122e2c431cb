import { setImmediate as immediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { soakContext } from '../soak-context.mjs';

const HAND_OFFS = Number(process.env.SYSLETS_SOAK ?? 6000);
const WORKERS = 2;
const SLICE = 500;

function start(file, data) {
  const worker = new Worker(new URL(`../${file}`, import.meta.url), { workerData: data });
  const said = new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  return { worker, said };
}

/** Workers come and go; each makes a slice of the calls. */
async function workersInTurn(watcher, enough, tallies) {
  while (!enough()) {
    const { worker, said } = start('soak-worker.mjs', { calls: SLICE, watcher });
    tallies.push(await said);
    await worker.terminate();
  }
}

/**
 * Reads that block in the main thread and in workers, garbage, and 1,000 signals a second, until
 * there were enough hand-offs. Each read is counted once, with its own bytes, or it is wrong.
 */
export async function soak(context) {
  const state = new Int32Array(new SharedArrayBuffer(8));
  let heard = 0;
  process.on('SIGUSR2', () => {
    heard++;
  });
  const signaller = start('soak-signals.mjs', { state: state.buffer });
  const enough = () => context.counters().handOffs >= HAND_OFFS;
  const tallies = [];
  const workers = Array.from({ length: WORKERS }, () =>
    workersInTurn(context.watcher, enough, tallies),
  );
  while (!enough()) {
    tallies.push(soakContext(context, SLICE));
    await immediate();
  }
  await Promise.all(workers);
  Atomics.store(state, 0, 1);
  const { sent } = await signaller.said;
  const sum = (key) => tallies.reduce((total, tally) => total + tally[key], 0);
  const { completionsLost, overflows, handOffs } = context.counters();
  const { contexts } = context.counters();
  const bad = { lost: sum('lost'), doubled: sum('doubled'), wrong: sum('wrong') };
  const counted = { completionsLost, overflows, contexts, heard: heard > 0 };
  return { ...bad, ...counted, calls: sum('calls'), handOffs, sent };
}
