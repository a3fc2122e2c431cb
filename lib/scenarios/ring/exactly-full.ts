import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled, sum } from '../shared/ring.ts';

export default scenario({
  name: 'ring/exactly-full',
  description: 'As many submissions as the ring has elements: all are taken, none is lost',
  state: { ring: sharedBuffer(ringBytes(2)) },
  result: { first: i32, second: i32, sum: i32 },
  needs: ['addon'],
  setup: (state) => freshRing(state.ring, 2),
  actors: {
    first: completer({ ring: 'ring', callerData: 1, register: 'first' }),
    second: completer({ ring: 'ring', callerData: 2, register: 'second' }),
  },
  arbiter(state, result) {
    const ring = ringOver(state.ring);
    settled(ring, 2);
    result.sum = sum(reaped(ring));
  },
  outcomes: [
    acceptable('0, 0, 3', 'both were taken, both came'),
    forbidden(/./, 'one was refused, lost or overwritten'),
  ],
});
