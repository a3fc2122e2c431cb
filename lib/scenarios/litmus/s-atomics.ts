import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/s-atomics',
  description: 'S with Atomics',
  state: { x: atomic(i32), y: atomic(i32) },
  result: { r1: i32, x: i32 },
  actors: {
    left(state) {
      state.x.store(2);
      state.y.store(1);
    },
    right(state, result) {
      result.r1 = state.y.load();
      state.x.store(1);
    },
  },
  arbiter(state, result) {
    result.x = state.x.load();
  },
  outcomes: [
    acceptable('0, 1', "right's store to x came last"),
    acceptable('0, 2', "left's store to x came last"),
    acceptable('1, 1', 'left ran first'),
    forbidden('1, 2', "right saw y, so its store to x comes after left's"),
  ],
});
