import { i32 } from '../../abi/index.ts';
import { completer, forbidden, interesting, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled, sum } from '../shared/ring.ts';

export default scenario({
  name: 'ring/overflow-v7',
  description: 'As v7 does it: a full ring is written over, and the count of it is right',
  state: { ring: sharedBuffer(ringBytes(1)) },
  result: { head: i32, count: i32, sum: i32, overwritten: i32 },
  needs: ['addon'],
  setup: (state) => freshRing(state.ring, 1),
  actors: {
    first: completer({ ring: 'ring', callerData: 1, overflow: 'v7' }),
    second: completer({ ring: 'ring', callerData: 2, overflow: 'v7' }),
  },
  arbiter(state, result) {
    const ring = ringOver(state.ring);
    settled(ring, 2);
    const found = reaped(ring);
    result.head = ring.kernelHead;
    result.count = found.length;
    result.sum = sum(found);
    result.overwritten = ring.overwritten;
  },
  outcomes: [
    interesting('2, 1, 1, 1', 'the second was overwritten by the first: v7 keeps no room'),
    interesting('2, 1, 2, 1', 'the first was overwritten by the second: v7 keeps no room'),
    forbidden(/./, 'a completion came from nowhere, or was lost without being counted'),
  ],
});
