// Attach, calls that block, detach, while another thread ends the calls.
import { futex, goesOn, Kernel, runBoth, shared, step, word, wrong } from './loop.mjs';

const [FUTEX, READY] = [word(0), word(1)];
const CALLS = 3;

runBoth(import.meta.url, {
  main(timeIsLeft) {
    for (let n = 1; timeIsLeft(); n++) {
      const kernel = Kernel.attach({ ring: 8 });
      const call = futex(kernel).wait(FUTEX);
      let pending = 0;
      Atomics.store(shared, FUTEX, 0);
      for (let i = 0; i < CALLS; i++) {
        call.run();
        if (call.pending) pending++;
      }
      Atomics.store(shared, READY, n);
      kernel.detach();
      const seen = kernel.ring.reap(() => {});
      if (seen !== pending) wrong(`${seen} completions of ${pending} calls after detach`);
      step();
    }
  },
  other() {
    const { wake } = futex(Kernel.attach());
    for (let seen = 0; goesOn(); ) {
      const ready = Atomics.load(shared, READY);
      if (ready === seen) continue;
      seen = ready;
      wake(FUTEX);
    }
  },
});
