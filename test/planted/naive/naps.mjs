// Short naps one after the other, some of them handed over, whose completions are reaped.
import { Kernel, NR, runBoth, step, wrong } from './loop.mjs';

const CALLS = 16;
const LONGEST_NAP_NS = 8000;

runBoth(import.meta.url, {
  main(timeIsLeft) {
    const kernel = Kernel.attach();
    const times = new BigInt64Array(2 * CALLS);
    const calls = Array.from({ length: CALLS }, (_, i) =>
      kernel.newCall(NR.nanosleep).setArgs(times.subarray(2 * i), 0),
    );
    while (timeIsLeft()) {
      let left = 0;
      for (const [i, call] of calls.entries()) {
        times[2 * i + 1] = BigInt(Math.floor(Math.random() * LONGEST_NAP_NS));
        call.run();
        if (call.pending) left++;
      }
      while (left > 0) left -= kernel.ring.reap(() => {});
      if (left < 0) wrong('a call completed twice');
      if (kernel.counters().frameCalls !== 0n) wrong('a call was taken for one of a frame');
      step();
    }
  },
  other() {},
});
