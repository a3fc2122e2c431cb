import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario, sharedBuffer } from 'syslets/scenario';
import { C, D, phases, WORDS, type Words } from '../flawed.ts';

export default scenario({
  name: 'race/barrier-reentry',
  description:
    'Planted: a barrier is closed by the last thread that leaves, and entered again before that',
  state: { memory: sharedBuffer(4 * WORDS) },
  result: { left: i32, right: i32 },
  open: ({ memory }): Words => new Int32Array(memory),
  actors: {
    left(_state, result, words) {
      if (phases(words, C, D)) result.left = 1;
    },
    right(_state, result, words) {
      if (phases(words, D, C)) result.right = 1;
    },
  },
  outcomes: [acceptable('0, 0', 'both were there'), forbidden(/1/, 'one went on alone')],
});
