import { linearizable, operation, sharedBuffer } from '../../linearizability/index.ts';
import { lockWord, unlockWord, type Words } from '../shared/words.ts';

const LOCK = 0;
/** On another line: who has taken the lock would have this word with it. */
const COUNTER = 16;

export default linearizable({
  name: 'structures/mutex',
  description: 'A mutex of Atomics.wait and notify: what it protects is plain memory',
  create: (memory) => new Int32Array(memory),
  memory: sharedBuffer(128),
  operations: {
    add: operation({
      blocking: true,
      run: (words: Words) => locked(words, () => add(words)),
    }),
    /** Gives up rather than wait long. */
    tryAdd: operation({
      blocking: true,
      run: (words: Words, wait) => {
        if (!lockWord(words, LOCK, wait.timeoutMs)) return wait.cancelled;
        const value = add(words);
        unlockWord(words, LOCK);
        return value;
      },
    }),
    read: operation({
      blocking: true,
      run: (words: Words) => locked(words, () => words[COUNTER]),
    }),
  },
  model: () => ({
    counter: 0,
    add() {
      this.counter += 1;
      return this.counter;
    },
    tryAdd() {
      return this.add();
    },
    read() {
      return this.counter;
    },
  }),
});

function locked<T>(words: Words, run: () => T): T {
  lockWord(words, LOCK);
  const value = run();
  unlockWord(words, LOCK);
  return value;
}

function add(words: Words): number {
  const value = (words[COUNTER] as number) + 1;
  words[COUNTER] = value;
  return value;
}
