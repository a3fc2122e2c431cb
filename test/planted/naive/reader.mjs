// A thread that completes into a ring, and one that reaps it.
import { CompletionRing, goesOn, Kernel, NR, runBoth, shared, step, word, wrong } from './loop.mjs';

const ELEMENTS = 16;
/** Calls come to their ends in any order, but not so far apart. */
const RECENT = 4096;
const AT = 4 * word(4);
const SEEN = word(0);

const ringHere = () => CompletionRing.over(shared.buffer, AT);

runBoth(import.meta.url, {
  main(timeIsLeft) {
    const ring = CompletionRing.create(ELEMENTS, { buffer: shared.buffer, byteOffset: AT });
    Atomics.store(shared, SEEN, 1);
    const recent = new Int32Array(RECENT).fill(-1);
    while (timeIsLeft()) {
      ring.reap((status, data) => {
        if (status !== process.pid) wrong(`completion ${data} has status ${status}`);
        if (recent[data % RECENT] === data) wrong(`completion ${data} is seen again`);
        recent[data % RECENT] = data;
        step();
      });
    }
  },
  other() {
    const kernel = Kernel.attach();
    while (Atomics.load(shared, SEEN) === 0);
    const call = kernel.newCall(NR.getpid, { ring: ringHere() });
    for (let n = 0; goesOn(); ) if (call.setCallerData(n).dispatch() === -132) n++;
  },
});
