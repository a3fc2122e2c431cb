import { linearizable, operation, sharedBuffer, unique } from '../../linearizability/index.ts';
import type { CompletionRing } from '../../ring/index.ts';
import { completeInto, freshRing, ringBytes, ringOver } from '../shared/ring.ts';

const ELEMENTS = 2;

export default linearizable({
  name: 'structures/ring',
  description:
    "The user's side of a completion ring, against one that completes and one that reaps",
  create: (memory) => ringOver(memory),
  memory: sharedBuffer(ringBytes(ELEMENTS)),
  setup: (memory) => freshRing(memory, ELEMENTS),
  needs: ['addon'],
  calls: [1, 5],
  operations: {
    complete: operation({
      args: [unique],
      threads: 1,
      run: (ring: CompletionRing, value) => completeInto(ring, value),
    }),
    reap: operation({
      threads: 1,
      run: (ring: CompletionRing) => {
        const values: number[] = [];
        // A reap of several is two steps: it takes what was there when it looked, and gives the
        // room back when it is done. In between a completer finds no room for one that came since.
        ring.reap((_status, value) => values.push(value), 1);
        return values;
      },
    }),
  },
  model: () => ({
    values: [],
    complete(value) {
      if (this.values.length === ELEMENTS) return false;
      this.values.push(value);
      return true;
    },
    reap() {
      return this.values.splice(0, 1);
    },
  }),
});
