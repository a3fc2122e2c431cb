import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/increment-atomics',
  description: 'Two threads add one with Atomics.add',
  state: { x: atomic(i32) },
  result: { x: i32 },
  actors: {
    left(state) {
      state.x.add(1);
    },
    right(state) {
      state.x.add(1);
    },
  },
  arbiter(state, result) {
    result.x = state.x.load();
  },
  outcomes: [
    acceptable('2', 'both count'),
    forbidden('1', 'an update was lost: load, add and store are one step'),
  ],
});
