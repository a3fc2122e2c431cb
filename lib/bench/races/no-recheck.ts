import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario, sharedBuffer } from 'syslets/scenario';
import { putItem, takeItem, WORDS, type Words } from '../flawed.ts';

export default scenario({
  name: 'race/no-recheck',
  description: 'Planted: two wait for an item, and neither looks again when it wakes up',
  state: { memory: sharedBuffer(4 * WORDS) },
  result: { first: i32, second: i32 },
  open: ({ memory }): Words => new Int32Array(memory),
  actors: {
    first(_state, result, words) {
      result.first = takeItem(words);
    },
    second(_state, result, words) {
      result.second = takeItem(words);
    },
    producer(_state, _result, words) {
      putItem(words);
      putItem(words);
    },
  },
  outcomes: [
    forbidden(/0|-/, 'an item that is not there'),
    acceptable(/^[12], [12]$/, 'an item for each, or given up'),
  ],
});
