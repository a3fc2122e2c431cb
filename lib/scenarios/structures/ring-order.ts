import { linearizable, operation, sharedBuffer, unique } from '../../linearizability/index.ts';
import type { CompletionRing } from '../../ring/index.ts';
import { completeInto, freshRing, reaped, ringBytes, ringOver } from '../shared/ring.ts';

const ELEMENTS = 4;

export default linearizable({
  name: 'structures/ring-order',
  description: 'A reap of all that is there, which is no single step: nothing twice, and in order',
  create: (memory) => ringOver(memory),
  memory: sharedBuffer(ringBytes(ELEMENTS)),
  setup: (memory) => freshRing(memory, ELEMENTS),
  needs: ['addon'],
  condition: 'per-producer order',
  calls: [1, 6],
  operations: {
    complete: operation({
      args: [unique],
      threads: 1,
      run: (ring: CompletionRing, value) => completeInto(ring, value),
      puts: (isStored, value) => (isStored === false ? [] : [value]),
    }),
    reap: operation({
      threads: 1,
      run: (ring: CompletionRing) => reaped(ring),
      takes: (values) => values as readonly number[],
    }),
  },
});
