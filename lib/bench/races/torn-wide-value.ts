import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario, sharedBuffer } from 'syslets/scenario';
import { isWideWhole, storeWide, WORDS, type Words } from '../flawed.ts';

export default scenario({
  name: 'race/torn-wide-value',
  description: 'Planted: a wide value is stored and read in two halves',
  state: { memory: sharedBuffer(4 * WORDS) },
  result: { torn: i32 },
  open: ({ memory }): Words => new Int32Array(memory),
  actors: {
    writer: (_state, _result, words) => storeWide(words, 1),
    reader(_state, result, words) {
      if (!isWideWhole(words)) result.torn = 1;
    },
  },
  outcomes: [acceptable('0', 'all old or all new'), forbidden('1', 'one half of each')],
});
