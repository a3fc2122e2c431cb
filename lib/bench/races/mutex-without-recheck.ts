import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario, sharedBuffer } from 'syslets/scenario';
import { sections, WORDS, type Words } from '../flawed.ts';

export default scenario({
  name: 'race/mutex-without-recheck',
  description: 'Planted: a waiter for a mutex takes it when it wakes up, without looking again',
  state: { memory: sharedBuffer(4 * WORDS) },
  result: { left: i32, right: i32 },
  open: ({ memory }): Words => new Int32Array(memory),
  actors: {
    left(_state, result, words) {
      if (sections(words)) result.left = 1;
    },
    right(_state, result, words) {
      if (sections(words)) result.right = 1;
    },
  },
  outcomes: [acceptable('0, 0', 'one at a time'), forbidden(/1/, 'both are inside')],
});
