import { blocked, linearizable, operation, sharedBuffer } from '../../linearizability/index.ts';
import { acquire, release, tryAcquire } from '../shared/semaphore.ts';
import type { Words } from '../shared/words.ts';

export default linearizable({
  name: 'structures/semaphore',
  description: 'A counting semaphore that sleeps while there is no permit',
  create: (memory) => new Int32Array(memory),
  memory: sharedBuffer(64),
  operations: {
    acquire: operation({
      blocking: true,
      run: (words: Words, { isOver, timeoutMs, cancelled }) =>
        acquire(words, isOver, timeoutMs) || cancelled,
    }),
    tryAcquire: operation({ run: (words: Words) => tryAcquire(words) }),
    release: operation({ run: (words: Words) => release(words) }),
  },
  model: () => ({
    permits: 0,
    acquire() {
      return this.tryAcquire() || blocked;
    },
    tryAcquire() {
      if (this.permits === 0) return false;
      this.permits -= 1;
      return true;
    },
    release() {
      this.permits += 1;
    },
  }),
});
