import { i32 } from '../../abi/index.ts';
import { acceptable, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { completeInto, freshRing, reaped, ringBytes, ringOver } from '../shared/ring.ts';

const ELEMENTS = 1;

export default scenario({
  name: 'ring/reap-against-store',
  description: 'A ring of one element: a reaper against completions that are stored in JavaScript',
  state: { ring: sharedBuffer(ringBytes(ELEMENTS)) },
  result: { first: i32, second: i32 },
  setup: (state) => freshRing(state.ring, ELEMENTS),
  actors: {
    completer(state) {
      const ring = ringOver(state.ring);
      completeInto(ring, 7);
      completeInto(ring, 8);
    },
    reader(state, result) {
      const ring = ringOver(state.ring);
      const found = [...reaped(ring), ...reaped(ring)];
      result.first = found[0] ?? 0;
      result.second = found[1] ?? 0;
    },
  },
  outcomes: [
    acceptable('0, 0', 'the completion came after both reaps'),
    acceptable('7, 0', 'the first completion; the second came later, or found no room'),
    acceptable('7, 8', 'both completions, each once'),
    forbidden(/./, 'counted before it was there, or overwritten before it was read'),
  ],
});
