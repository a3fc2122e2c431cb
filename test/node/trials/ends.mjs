import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const WORKER = new URL('../worker.mjs', import.meta.url);

function start(task, watcher) {
  return new Worker(WORKER, { workerData: { task, watcher } });
}

async function blocked(worker) {
  const [message] = await once(worker, 'message');
  assert.equal(message, 'blocked');
}

function gauges({ counters }) {
  const { contexts, tasks, stacks, pins } = counters();
  return { contexts, tasks, stacks, pins };
}

/** 30 workers are terminated in the middle of `task`; how many ended, and what is left of them. */
async function terminations(context, task) {
  const before = gauges(context).contexts;
  let ended = 0;
  for (let i = 0; i < 30; i++) {
    const worker = start(task, context.watcher);
    await blocked(worker);
    if (i & 1) await sleep(2);
    assert.equal(await worker.terminate(), 1);
    ended++;
    context.handOver();
  }
  return { ended, contexts: gauges(context).contexts - before };
}

export const terminateIdle = (context) => terminations(context, 'idle');
export const terminateSpin = (context) => terminations(context, 'spin');
export const terminateHandOvers = (context) => terminations(context, 'handOvers');
export const terminateRingWait = (context) => terminations(context, 'ringWait');

/** The exit code, or the message of the error before it; after the worker has gone. */
function end(worker) {
  return new Promise((resolve) => {
    let thrown;
    worker.once('error', ({ message }) => {
      thrown = message;
    });
    worker.once('exit', (code) => resolve(thrown ?? code));
  });
}

async function endsBy(context, task, number) {
  const before = gauges(context).contexts;
  const seen = new Set();
  for (let i = 0; i < number; i++) {
    const worker = start(task, context.watcher);
    context.handOver();
    seen.add(await end(worker));
  }
  return { how: [...seen], contexts: gauges(context).contexts - before };
}

export const workerEnds = (context) => endsBy(context, 'end', 15);
export const workerExits = (context) => endsBy(context, 'exit', 15);
export const workerThrows = (context) => endsBy(context, 'throws', 15);

export async function workerDetaches(context) {
  const worker = start('detach', context.watcher);
  const messages = [];
  worker.on('message', (message) => messages.push(message));
  const code = await end(worker);
  assert.equal(messages[0], 'blocked');
  return { ...messages[1], code };
}

/** The main thread ends, by `how`, with calls pending in itself and in three workers. */
async function mainEnds({ pipe, blockOn, watcher }, how) {
  const [read] = pipe();
  for (let i = 0; i < 3; i++) blockOn(read);
  const workers = ['idle', 'handOvers', 'ringWait'].map((task) => start(task, watcher));
  await Promise.all(workers.map(blocked));
  how(workers);
  await sleep(20_000);
}

export const processExit = (context) => mainEnds(context, () => process.exit(3));

export const uncaught = (context) =>
  mainEnds(context, () => {
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  });

export const unhandledRejection = (context) =>
  mainEnds(context, () => void Promise.reject(new Error('nobody handles this')));

/** Nothing but pending calls is left: they do not keep the process alive. */
export function naturalEnd({ pipe, blockOn }) {
  const [read] = pipe();
  for (let i = 0; i < 20; i++) blockOn(read);
  return 'left pending';
}

/** Unreferenced workers are stopped as the process ends. */
export async function naturalEndWithWorkers({ pipe, blockOn, watcher }) {
  const [read] = pipe();
  blockOn(read);
  const workers = ['idle', 'handOvers', 'ringWait'].map((task) => start(task, watcher));
  await Promise.all(workers.map(blocked));
  for (const worker of workers) worker.unref();
  return 'left running';
}

export async function exitFromWorkerMessage({ watcher }) {
  const worker = start('processExit', watcher);
  worker.on('message', (message) => {
    if (message === 'exit now') process.exit(5);
  });
  await sleep(20_000);
}

/** The listeners of the end still run. */
export function exitListeners({ say, pipe, blockOn, handOver }) {
  blockOn(pipe()[0]);
  process.on('exit', () => {
    handOver();
    say('exit listener');
  });
  process.exit(0);
}
