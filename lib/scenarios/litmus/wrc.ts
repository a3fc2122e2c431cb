import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/wrc',
  description: 'Write to read causality: a value is passed on by a second thread to a third',
  state: { x: i32, y: i32 },
  result: { r1: i32, r2: i32, r3: i32 },
  actors: {
    writer(state) {
      state.x = 1;
    },
    carrier(state, result) {
      result.r1 = state.x;
      state.y = 1;
    },
    reader(state, result) {
      result.r2 = state.y;
      result.r3 = state.x;
    },
  },
  outcomes: [
    interesting(
      '1, 1, 0',
      'the third thread saw what the second stored, not what the second had seen',
    ),
    acceptable(/^(?!1, 1, 0$)/, 'the last thread saw x, or it was not passed on'),
  ],
});
