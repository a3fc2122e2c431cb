// 1,000 signals a second: half to the process (SIGUSR2), half to its threads (SIGPROF), carriers
// and originals among them. This worker is not attached; it sends by bare system calls.

import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { native } from './syslets.mjs';

const NR_KILL = 62n;
const NR_TGKILL = 234n;
const SIGUSR2 = 12n;
const SIGPROF = 27n;
const BATCH = 5;

const state = new Int32Array(workerData.state);
const block = new SharedArrayBuffer(128);
const quads = new BigUint64Array(block);
const pid = BigInt(process.pid);
let sent = 0;

function bare(...words) {
  quads.set(words);
  native.bareCall(0);
  sent++;
}

native.bareSetup(new Uint8Array(block));
while (Atomics.load(state, 0) === 0) {
  const tids = readdirSync('/proc/self/task');
  for (let i = 0; i < BATCH; i++) {
    bare(NR_KILL, pid, SIGUSR2);
    bare(NR_TGKILL, pid, BigInt(tids[Math.floor(Math.random() * tids.length)]), SIGPROF);
  }
  await sleep(2 * BATCH);
}
parentPort.postMessage({ sent });
