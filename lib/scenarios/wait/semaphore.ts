import { i32 } from '../../abi/index.ts';
import { acceptable, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { release, tryAcquire } from '../shared/semaphore.ts';

export default scenario({
  name: 'wait/semaphore',
  description: 'A semaphore with one permit: two that try to take it, and how many are left',
  state: { memory: sharedBuffer(8) },
  result: { first: i32, second: i32, left: i32 },
  setup: (state) => release(new Int32Array(state.memory)),
  actors: {
    first(state, result) {
      result.first = Number(tryAcquire(new Int32Array(state.memory)));
    },
    second(state, result) {
      result.second = Number(tryAcquire(new Int32Array(state.memory)));
    },
  },
  arbiter(state, result) {
    const words = new Int32Array(state.memory);
    while (tryAcquire(words)) result.left += 1;
  },
  outcomes: [
    acceptable('1, 0, 0', 'the first has the permit'),
    acceptable('0, 1, 0', 'the second has the permit'),
    forbidden(/./, 'a permit was taken twice, or got lost'),
  ],
});
