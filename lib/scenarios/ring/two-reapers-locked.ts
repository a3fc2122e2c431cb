import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { lock, unlock } from '../shared/mutex.ts';
import { filledRing, reaped, ringBytes, ringOver } from '../shared/ring.ts';

export default scenario({
  name: 'ring/two-reapers-locked',
  description: 'Two threads reap one ring, one at a time: each completion once, in order',
  state: { ring: sharedBuffer(ringBytes(2)), mutex: atomic(i32), order: i32 },
  result: { order: i32, tail: i32 },
  needs: ['addon'],
  setup: (state) => filledRing(state.ring, [1, 2]),
  actors: {
    first(state) {
      lock(state.mutex);
      state.order = appended(state.order, reaped(ringOver(state.ring)));
      unlock(state.mutex);
    },
    second(state) {
      lock(state.mutex);
      state.order = appended(state.order, reaped(ringOver(state.ring)));
      unlock(state.mutex);
    },
  },
  arbiter(state, result) {
    result.order = state.order;
    result.tail = ringOver(state.ring).userTail;
  },
  outcomes: [
    acceptable('12, 2', 'each completion was reaped once, the older one first'),
    forbidden(/./, 'a completion was reaped twice, too early, or never'),
  ],
});

/** The values as further digits. */
function appended(order: number, values: readonly number[]): number {
  return values.reduce((digits, value) => 10 * digits + value, order);
}
