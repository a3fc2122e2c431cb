import { i32 } from 'syslets/abi';
import { acceptable, atomic, scenario } from 'syslets/scenario';
import { lock, unlock } from '../../scenarios/shared/mutex.ts';

export default scenario({
  name: 'bench/mutex-of-two',
  description: 'A mutex of Atomics.wait and notify between two actors',
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
  },
  arbiter(state, result) {
    result.counter = state.counter;
  },
  outcomes: [acceptable('2', 'each counted')],
});
