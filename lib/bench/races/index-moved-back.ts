import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario, sharedBuffer } from 'syslets/scenario';
import { everyOther, WORDS, type Words } from '../flawed.ts';

export default scenario({
  name: 'race/index-moved-back',
  description: 'Planted: an index is loaded, compared and stored; 64 operations a sample',
  state: { memory: sharedBuffer(4 * WORDS) },
  result: { odd: i32, even: i32 },
  open: ({ memory }): Words => new Int32Array(memory),
  actors: {
    odd(_state, result, words) {
      if (everyOther(words, 1)) result.odd = 1;
    },
    even(_state, result, words) {
      if (everyOther(words, 2)) result.even = 1;
    },
  },
  outcomes: [acceptable('0, 0', 'it only grows'), forbidden(/1/, 'it was moved back')],
});
