import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/s',
  description: 'S: a store overtakes a load, seen by the order of two stores',
  state: { x: i32, y: i32 },
  result: { r1: i32, x: i32 },
  actors: {
    left(state) {
      state.x = 2;
      state.y = 1;
    },
    right(state, result) {
      result.r1 = state.y;
      state.x = 1;
    },
  },
  arbiter(state, result) {
    result.x = state.x;
  },
  outcomes: [
    acceptable('0, 1', "right's store to x came last"),
    acceptable('0, 2', "left's store to x came last"),
    acceptable('1, 1', 'left ran first'),
    interesting(
      '1, 2',
      "right saw y and then stored x, and yet left's earlier store to x lasts; no x86 does that",
    ),
  ],
});
