import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled } from '../shared/ring.ts';

/** Reaps of a reader that does not sleep. */
const REAPS = 1000;

export default scenario({
  name: 'ring/reap-against-complete',
  description:
    'A reader that reaps again and again gets the completion whole, in the reap that counts it',
  state: { ring: sharedBuffer(ringBytes(1)) },
  result: { count: i32, callerData: i32 },
  needs: ['addon'],
  setup: (state) => freshRing(state.ring, 1),
  actors: {
    completer: completer({ ring: 'ring', callerData: 7 }),
    reader(state, result) {
      const ring = ringOver(state.ring);
      let found: number[] = [];
      for (let i = 0; i < REAPS && found.length === 0; i++) found = reaped(ring);
      result.count = found.length;
      result.callerData = found[0] ?? 0;
    },
  },
  // the memory is used again: nothing may be on its way
  arbiter: (state) => void settled(ringOver(state.ring), 1),
  outcomes: [
    acceptable('0, 0', 'the completion came after the reader had given up'),
    acceptable('1, 7', 'the completion, once'),
    forbidden({ count: 1 }, 'counted before it was there: what lay in the slot before was read'),
  ],
});
