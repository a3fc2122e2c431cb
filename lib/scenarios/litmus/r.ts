import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/r',
  description: 'R: a store overtaken by the load behind it, seen by the order of two other stores',
  state: { x: i32, y: i32 },
  result: { y: i32, r1: i32 },
  actors: {
    left(state) {
      state.x = 1;
      state.y = 1;
    },
    right(state, result) {
      state.y = 2;
      result.r1 = state.x;
    },
  },
  arbiter(state, result) {
    result.y = state.y;
  },
  outcomes: [
    acceptable('1, 0', 'right ran first'),
    acceptable('1, 1', "left's store to y came last"),
    acceptable('2, 1', 'left ran first'),
    interesting('2, 0', 'right stored y last, and yet did not see x: its load overtook its store'),
  ],
});
