import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/r-atomics',
  description: 'R with Atomics',
  state: { x: atomic(i32), y: atomic(i32) },
  result: { y: i32, r1: i32 },
  actors: {
    left(state) {
      state.x.store(1);
      state.y.store(1);
    },
    right(state, result) {
      state.y.store(2);
      result.r1 = state.x.load();
    },
  },
  arbiter(state, result) {
    result.y = state.y.load();
  },
  outcomes: [
    acceptable('1, 0', 'right ran first'),
    acceptable('1, 1', "left's store to y came last"),
    acceptable('2, 1', 'left ran first'),
    forbidden('2, 0', 'right stored y after left, and did not see what left stored before'),
  ],
});
