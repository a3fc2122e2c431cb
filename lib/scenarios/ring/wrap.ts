import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled, sum } from '../shared/ring.ts';

/** The second completion takes the head past 2^32. */
const START = 0xffff_ffff;

export default scenario({
  name: 'ring/wrap',
  description: 'Head and tail count on past 2^32',
  state: { ring: sharedBuffer(ringBytes(2)) },
  result: { head: i32, count: i32, sum: i32 },
  needs: ['addon'],
  setup: (state) => freshRing(state.ring, 2, { at: START }),
  actors: {
    one: completer({ ring: 'ring', callerData: 1 }),
    two: completer({ ring: 'ring', callerData: 2 }),
  },
  arbiter(state, result) {
    const ring = ringOver(state.ring);
    settled(ring, 2, START);
    result.head = ring.kernelHead;
    const found = reaped(ring);
    result.count = found.length;
    result.sum = sum(found);
  },
  outcomes: [
    acceptable('1, 2, 3', 'both completions, and a head that began anew'),
    forbidden(/./, 'the ring took the wrap for something else'),
  ],
});
