import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled, sum } from '../shared/ring.ts';

export default scenario({
  name: 'ring/many-completers',
  description: 'Three contexts complete into one ring: each completion comes once',
  state: { ring: sharedBuffer(ringBytes(4)) },
  result: { count: i32, sum: i32 },
  needs: ['addon'],
  setup: (state) => freshRing(state.ring, 4),
  actors: {
    one: completer({ ring: 'ring', callerData: 1 }),
    two: completer({ ring: 'ring', callerData: 2 }),
    four: completer({ ring: 'ring', callerData: 4 }),
  },
  arbiter(state, result) {
    const ring = ringOver(state.ring);
    settled(ring, 3);
    const found = reaped(ring);
    result.count = found.length;
    result.sum = sum(found);
  },
  outcomes: [
    acceptable('3, 7', 'one of each'),
    forbidden(/./, 'a completion was lost, or came twice: two completers took one place'),
  ],
});
