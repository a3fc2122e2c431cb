import { i32 } from 'syslets/abi';
import { acceptable, atomic, forbidden, scenario } from 'syslets/scenario';

export default scenario({
  name: 'race/lock-in-two-steps',
  description: 'Planted: a lock is looked at, then taken, instead of both at once',
  state: { lock: atomic(i32) },
  result: { left: i32, right: i32 },
  actors: {
    left(state, result) {
      if (state.lock.load() !== 0) return;
      state.lock.store(1);
      result.left = 1;
    },
    right(state, result) {
      if (state.lock.load() !== 0) return;
      state.lock.store(1);
      result.right = 1;
    },
  },
  outcomes: [acceptable(/^(0, 1|1, 0)$/, 'one has it'), forbidden('1, 1', 'both have it')],
});
