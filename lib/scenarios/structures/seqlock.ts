import { i32 } from '../../abi/index.ts';
import { linearizable, operation, sharedBuffer } from '../../linearizability/index.ts';
import { readPair, writePair } from '../shared/seqlock.ts';
import type { Words } from '../shared/words.ts';

export default linearizable({
  name: 'structures/seqlock',
  description: 'A pair under a seqlock: one writer, and readers that read again',
  create: (memory) => new Int32Array(memory),
  memory: sharedBuffer(64),
  operations: {
    write: operation({
      args: [i32, i32],
      threads: 1,
      run: (words: Words, first, second) => writePair(words, first, second),
    }),
    read: operation({ run: (words: Words) => readPair(words) }),
  },
  model: () => ({
    pair: [0, 0],
    write(first, second) {
      this.pair = [first, second];
    },
    read() {
      return this.pair;
    },
  }),
});
