import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled, sum } from '../shared/ring.ts';

export default scenario({
  name: 'ring/overflow-reserve',
  description: 'A ring with room for one of two: the other submission is refused, EAGAIN',
  state: { ring: sharedBuffer(ringBytes(1)) },
  result: { first: i32, second: i32, sum: i32 },
  needs: ['addon'],
  setup: (state) => freshRing(state.ring, 1),
  actors: {
    first: completer({ ring: 'ring', callerData: 1, register: 'first' }),
    second: completer({ ring: 'ring', callerData: 2, register: 'second' }),
  },
  arbiter(state, result) {
    const ring = ringOver(state.ring);
    settled(ring, 1);
    result.sum = sum(reaped(ring));
  },
  outcomes: [
    acceptable('0, -11, 1', 'the second was refused'),
    acceptable('-11, 0, 2', 'the first was refused'),
    forbidden('0, 0, 1', 'both were taken, one completion is lost'),
    forbidden('0, 0, 2', 'both were taken, one completion is lost'),
    forbidden(/./, 'both were refused, or a completion came from nowhere'),
  ],
});
