import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';
import { lock, unlock } from '../shared/mutex.ts';

export default scenario({
  name: 'wait/mutex',
  description: 'A mutex of Atomics.wait and notify: plain code between lock and unlock is alone',
  state: { mutex: atomic(i32), counter: i32 },
  result: { counter: i32 },
  actors: {
    first(state) {
      lock(state.mutex);
      state.counter = state.counter + 1;
      unlock(state.mutex);
    },
    second(state) {
      lock(state.mutex);
      state.counter = state.counter + 1;
      unlock(state.mutex);
    },
    third(state) {
      lock(state.mutex);
      state.counter = state.counter + 1;
      unlock(state.mutex);
    },
  },
  arbiter(state, result) {
    result.counter = state.counter;
  },
  outcomes: [
    acceptable('3', 'each counted'),
    forbidden(/./, 'two were between lock and unlock at the same time'),
  ],
});
