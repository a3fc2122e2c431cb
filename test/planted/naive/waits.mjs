// A thread that waits for its ring, and one that completes into it.
import {
  CompletionRing,
  goesOn,
  Kernel,
  NR,
  native,
  runBoth,
  shared,
  step,
  word,
  wrong,
} from './loop.mjs';

const ELEMENTS = 16;
const AT = 4 * word(4);
const SEEN = word(0);

runBoth(import.meta.url, {
  main(timeIsLeft) {
    const ring = CompletionRing.create(ELEMENTS, { buffer: shared.buffer, byteOffset: AT });
    for (let n = 1; timeIsLeft(); n++) {
      Atomics.store(shared, SEEN, n);
      // ring.wait() would look again every 20 ms
      native().ringWait(ring.address, ring.userTail, 0);
      if (ring.reap(() => {}) === 0) wrong('the wait ended, and there is nothing new');
      step();
    }
  },
  other() {
    const kernel = Kernel.attach();
    while (Atomics.load(shared, SEEN) === 0);
    const call = kernel.newCall(NR.getpid, { ring: CompletionRing.over(shared.buffer, AT) });
    for (let seen = 0; goesOn(); ) {
      const asked = Atomics.load(shared, SEEN);
      if (asked === seen) continue;
      seen = asked;
      call.dispatch();
    }
  },
});
