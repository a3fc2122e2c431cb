import { i32 } from '../../abi/index.ts';
import { acceptable, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { readPair, writePair } from '../shared/seqlock.ts';

export default scenario({
  name: 'wait/seqlock',
  description: 'A seqlock whose reader looks again until its pair is of one write',
  state: { memory: sharedBuffer(16) },
  result: { first: i32, second: i32 },
  actors: {
    writer(state) {
      writePair(new Int32Array(state.memory), 1, 1);
    },
    reader(state, result) {
      const [first, second] = readPair(new Int32Array(state.memory));
      result.first = first;
      result.second = second;
    },
  },
  outcomes: [
    acceptable('0, 0', 'the pair of before'),
    acceptable('1, 1', 'the pair that was written'),
    forbidden(/./, 'a pair of two writes'),
  ],
});
