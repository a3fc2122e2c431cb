// A worker that hands over and looks at its credentials; named by its data.

import { parentPort, workerData } from 'node:worker_threads';
import { effective, identity } from './identity.mjs';
import * as syslets from './syslets.mjs';

const NOBODY = 65534;
const { task, state } = workerData;
const words = state && new Int32Array(state);

const tasks = {
  dropItself() {
    const { value } = syslets.submit(syslets.NR.setresuid, [NOBODY, NOBODY, NOBODY]);
    const seen = new Set([`${value} ${identity()}`]);
    for (let i = 0; i < 20; i++) {
      syslets.leaveHome();
      seen.add(`${value} ${identity()}`);
    }
    parentPort.postMessage([...seen]);
  },

  /** Changes itself through us; then the process changes, and what that did must hold. */
  mixed() {
    for (let i = 0; i < 20; i++) syslets.leaveHome();
    syslets.submit(syslets.NR.setresuid, [-1, NOBODY, -1]);
    parentPort.postMessage('lowered');
    while (Atomics.load(words, 0) === 0) syslets.handOver();
    const seen = new Set();
    for (let i = 0; i < 40; i++) {
      syslets.handOver();
      seen.add(effective());
    }
    parentPort.postMessage([...seen]);
  },

  /** From the moment that the main thread has dropped, nobody here is root. */
  watch() {
    let [wrong, checks] = [0, 0];
    parentPort.postMessage('ready');
    // not by the clock alone: a busy machine may not let it look in the time
    while (Atomics.load(words, 0) !== 2 || checks <= 5) {
      syslets.handOver();
      const dropped = Atomics.load(words, 0) > 0;
      if (!effective().startsWith(`${NOBODY}:`) && dropped) wrong++;
      checks++;
    }
    parentPort.postMessage({ wrong, checks, me: identity() });
  },

  /** Looks only while no change is going on, before and after the look. */
  race() {
    let [wrong, checks] = [0, 0];
    parentPort.postMessage('ready');
    while (Atomics.load(words, 1) === 0) {
      syslets.handOver();
      const before = Atomics.load(words, 0);
      const seen = effective();
      if (before & 1 || Atomics.load(words, 0) !== before) continue;
      checks++;
      const id = before % 4 === 2 ? NOBODY : 0;
      if (seen !== `${id}:${id}`) wrong++;
    }
    parentPort.postMessage({ wrong, checks });
  },
};

syslets.attach();
syslets.leaveHome();
tasks[task]();
