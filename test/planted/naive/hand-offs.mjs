// A call that blocks, and a thread that ends it.
import { futex, goesOn, Kernel, runBoth, shared, step, word, wrong } from './loop.mjs';

const [FUTEX, READY] = [word(0), word(1)];

runBoth(import.meta.url, {
  main(timeIsLeft) {
    const kernel = Kernel.attach();
    const call = futex(kernel).wait(FUTEX);
    for (let n = 1; timeIsLeft(); n++) {
      Atomics.store(shared, FUTEX, 0);
      Atomics.store(shared, READY, n);
      const given = call.setCallerData(n).run();
      let [status, completions] = [given, 0];
      const look = () =>
        kernel.ring.reap((value, data) => {
          status = value;
          completions++;
          if (data !== n) wrong(`a completion of call ${data} in call ${n}`);
        });
      while (call.pending && completions === 0) look();
      for (let i = 0; i < 10; i++) look();
      if (completions !== (call.pending ? 1 : 0)) wrong(`${completions} completions of call ${n}`);
      if (status !== 0 && status !== -11) wrong(`call ${n} has status ${status}`);
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
