import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { effective, identity } from '../identity.mjs';

const NOBODY = 65534;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAPBSET_DROP = 24;
const CAPABILITY_VERSION_3 = 0x20080522;
const WORKER = new URL('../credentials-worker.mjs', import.meta.url);

function drop() {
  process.setgroups([NOBODY]);
  process.setgid(NOBODY);
  process.setuid(NOBODY);
}

/** What each of 20 carriers is. */
function identities({ handOver }) {
  const seen = new Set([identity()]);
  for (let i = 0; i < 20; i++) {
    handOver();
    seen.add(identity());
  }
  return [...seen];
}

/** Root before, nobody after; a file of root's cannot be read any more. */
export function dropBetween(context) {
  const before = identities(context);
  drop();
  const after = identities(context);
  assert.throws(() => readFileSync('/etc/shadow'), { code: 'EACCES' });
  return { before, after };
}

export function partly(context) {
  process.setegid(NOBODY);
  process.seteuid(NOBODY);
  const lowered = identities(context);
  process.seteuid(0);
  process.setegid(0);
  return { lowered, raised: identities(context) };
}

/** Dropped while reads are pending: their threads were root when they began to wait. */
export async function dropWhilePending(context) {
  const { pipe, blockOn, completion, carried, counters } = context;
  if (!carried) {
    drop();
    return { after: identities(context) };
  }
  const [read, write] = pipe();
  const ids = Array.from({ length: 8 }, () => blockOn(read));
  drop();
  const during = identities(context);
  writeSync(write, Buffer.alloc(64 * ids.length));
  for (const id of ids) assert.equal(completion(id), 64n);
  while (counters().tasksAway > 0) await sleep(1);
  const after = identities(context);
  const { credentialsAdopted } = counters();
  return { after: [...new Set([...during, ...after])], adopted: credentialsAdopted > 0 };
}

function callOk({ submit }, nr, args) {
  const { value } = submit(nr, args);
  assert.equal(value, 0, `call ${nr}: ${value}`);
}

export function noNewPrivs(context) {
  const before = identities(context);
  callOk(context, context.NR.prctl, [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]);
  return { before, after: identities(context) };
}

/** Only CAP_KILL (5) is left, by capset through us. */
export function dropCapabilities(context) {
  const { native } = context;
  const words = new Uint32Array(new SharedArrayBuffer(32));
  words.set([CAPABILITY_VERSION_3, 0, 1 << 5, 1 << 5, 0, 0, 0, 0]);
  const header = native.addressOf(words);
  callOk(context, context.NR.capset, [header, header + 8n]);
  return identities(context);
}

/** The bounding set is the thread's own: it must not come back with another carrier. */
export function boundingSet(context) {
  const of = () => /CapBnd:\s*(\w+)/.exec(readFileSync('/proc/thread-self/status', 'utf8'))[1];
  callOk(context, context.NR.prctl, [PR_CAPBSET_DROP, 21, 0, 0, 0]);
  const seen = new Set([of()]);
  for (let i = 0; i < 20; i++) {
    context.handOver();
    seen.add(of());
  }
  return seen.size;
}

/** setresuid through us changes one context: the worker's, or ours, and no other. */
export async function oneContext(context) {
  const worker = new Worker(WORKER, { workerData: { task: 'dropItself' } });
  const ended = once(worker, 'exit'); // may come in one turn with the message
  const [theirs] = await once(worker, 'message');
  const mine = identities(context);
  await ended;
  return { theirs, mine };
}

export async function contextThenProcess() {
  const state = new Int32Array(new SharedArrayBuffer(16));
  const worker = new Worker(WORKER, { workerData: { task: 'mixed', state: state.buffer } });
  await once(worker, 'message');
  const said = once(worker, 'message');
  process.seteuid(NOBODY);
  process.seteuid(0);
  Atomics.store(state, 0, 1);
  const [seen] = await said;
  return seen;
}

export async function workersFollow(context) {
  const state = new Int32Array(new SharedArrayBuffer(16));
  const start = () => new Worker(WORKER, { workerData: { task: 'watch', state: state.buffer } });
  const workers = context.carried ? [start(), start(), start()] : [];
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const ends = workers.map((worker) => once(worker, 'message'));
  for (let i = 0; i < 20; i++) context.handOver();
  drop();
  Atomics.store(state, 0, 1);
  await sleep(200);
  Atomics.store(state, 0, 2);
  const said = (await Promise.all(ends)).map(([message]) => message);
  return { wrong: said.reduce((sum, { wrong }) => sum + wrong, 0), said, me: identity() };
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

/**
 * The effective ids go to nobody and back, 1,000 times, while three workers and the main thread
 * hand over all the time and look at what they are. `state`: 0 the round, odd while it changes;
 * 1 stop.
 */
export async function race(context, rounds = 1000) {
  const state = new Int32Array(new SharedArrayBuffer(16));
  const start = () => new Worker(WORKER, { workerData: { task: 'race', state: state.buffer } });
  const workers = context.carried ? [start(), start(), start()] : [];
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const ends = workers.map((worker) => once(worker, 'message'));
  const times = [];
  let wrong = 0;
  for (let round = 0; round < rounds; round++) {
    const user = round & 1 ? 0 : NOBODY;
    Atomics.add(state, 0, 1);
    const begun = performance.now();
    if (user === 0) {
      process.seteuid(0);
      process.setegid(0);
    } else {
      process.setegid(NOBODY);
      process.seteuid(NOBODY);
    }
    times.push((performance.now() - begun) / 2);
    Atomics.add(state, 0, 1);
    context.handOver();
    if (effective() !== `${user}:${user}`) wrong++;
    if (round % 50 === 0) await sleep(0);
  }
  Atomics.store(state, 1, 1);
  const said = (await Promise.all(ends)).map(([message]) => message);
  const sum = (name) => said.reduce((total, message) => total + message[name], 0);
  return {
    wrong: wrong + sum('wrong'),
    checks: sum('checks'),
    medianMs: median(times),
    worstMs: times.at(-1),
  };
}
