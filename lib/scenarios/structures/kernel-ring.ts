import { Kernel, NR, type SysletCall } from '../../kernel/index.ts';
import { linearizable, operation, sharedBuffer, unique } from '../../linearizability/index.ts';
import type { CompletionRing } from '../../ring/index.ts';
import { freshRing, holdsData, ringBytes, ringOver } from '../shared/ring.ts';

/** More than a program completes: with room for all none is refused, and none overwritten. */
const ELEMENTS = 32;

export default linearizable({
  name: 'structures/kernel-ring',
  description: 'Contexts of several threads complete into one ring, one thread reaps it',
  create: (memory) => ({ ring: ringOver(memory), call: ownCall() }),
  memory: sharedBuffer(ringBytes(ELEMENTS)),
  setup: (memory) => freshRing(memory, ELEMENTS),
  needs: ['addon', 'calls'],
  // completions that are not in turn show in one history of 2,000: in so many with a certainty of 90 %
  minSamples: 5000,
  operations: {
    /** Returns when its completion is in the ring. */
    complete: operation({
      args: [unique],
      run: ({ ring, call }: Completer, value) => {
        call.setRing(ring).setCallerData(value).dispatch();
        while (!holdsData(ring, value));
      },
    }),
    reap: operation({
      threads: 1,
      run: ({ ring }: Completer) => {
        const values: number[] = [];
        ring.reap((_status, value) => values.push(value));
        return values;
      },
    }),
  },
  model: () => ({
    values: [],
    complete(value) {
      this.values.push(value);
    },
    reap() {
      return this.values.splice(0);
    },
  }),
});

interface Completer {
  readonly ring: CompletionRing;
  readonly call: SysletCall;
}

let known: SysletCall | undefined;

/** Of this thread: its context is attached when it is first needed. */
function ownCall(): SysletCall {
  known ??= Kernel.attach().newCall(NR.getppid);
  return known;
}
