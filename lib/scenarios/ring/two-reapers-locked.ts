import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { lock, unlock } from '../shared/mutex.ts';
import { filledRing, reaped, ringBytes, ringOver, sum } from '../shared/ring.ts';

export default scenario({
  name: 'ring/two-reapers-locked',
  description: 'Two threads reap one ring, one at a time',
  state: { ring: sharedBuffer(ringBytes(2)), mutex: atomic(i32), sum: atomic(i32) },
  result: { sum: i32, tail: i32 },
  needs: ['addon'],
  setup: (state) => filledRing(state.ring, [1, 2]),
  actors: {
    first(state) {
      lock(state.mutex);
      state.sum.add(sum(reaped(ringOver(state.ring))));
      unlock(state.mutex);
    },
    second(state) {
      lock(state.mutex);
      state.sum.add(sum(reaped(ringOver(state.ring))));
      unlock(state.mutex);
    },
  },
  arbiter(state, result) {
    result.sum = state.sum.load();
    result.tail = ringOver(state.ring).userTail;
  },
  outcomes: [
    acceptable('3, 2', 'each completion was reaped once'),
    forbidden(/./, 'a completion was reaped twice, or lost'),
  ],
});
