import { i32 } from '../../abi/index.ts';
import {
  acceptable,
  atomic,
  forbidden,
  interesting,
  scenario,
  sharedBuffer,
} from '../../scenario/index.ts';
import { filledRing, reaped, ringBytes, ringOver, sum } from '../shared/ring.ts';

export default scenario({
  name: 'ring/two-reapers',
  description: 'Two threads reap one ring without a lock, which the ring does not allow',
  state: { ring: sharedBuffer(ringBytes(2)), sum: atomic(i32) },
  result: { sum: i32, tail: i32 },
  needs: ['addon'],
  setup: (state) => filledRing(state.ring, [1, 2]),
  actors: {
    first: (state) => void state.sum.add(sum(reaped(ringOver(state.ring)))),
    second: (state) => void state.sum.add(sum(reaped(ringOver(state.ring)))),
  },
  arbiter(state, result) {
    result.sum = state.sum.load();
    result.tail = ringOver(state.ring).userTail;
  },
  outcomes: [
    acceptable('3, 2', 'one was done before the other began'),
    interesting(
      '6, 2',
      'both reaped both: user_tail is read, then stored, by one thread at a time',
    ),
    forbidden(/./, 'a completion was lost'),
  ],
});
