import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario, sharedBuffer } from 'syslets/scenario';
import { isPairWhole, storePair, WORDS, type Words } from '../flawed.ts';

export default scenario({
  name: 'race/early-release',
  description: 'Planted: a lock is released before the second of two values is stored',
  state: { memory: sharedBuffer(4 * WORDS) },
  result: { torn: i32 },
  open: ({ memory }): Words => new Int32Array(memory),
  actors: {
    writer: (_state, _result, words) => storePair(words, 1),
    reader(_state, result, words) {
      if (!isPairWhole(words)) result.torn = 1;
    },
  },
  outcomes: [acceptable('0', 'a whole pair'), forbidden('1', 'half of a pair')],
});
