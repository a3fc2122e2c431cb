import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/wrc-atomics',
  description: 'Write to read causality with Atomics',
  state: { x: atomic(i32), y: atomic(i32) },
  result: { r1: i32, r2: i32, r3: i32 },
  actors: {
    writer(state) {
      state.x.store(1);
    },
    carrier(state, result) {
      result.r1 = state.x.load();
      state.y.store(1);
    },
    reader(state, result) {
      result.r2 = state.y.load();
      result.r3 = state.x.load();
    },
  },
  outcomes: [
    forbidden('1, 1, 0', 'what the second thread had seen comes before what it stored'),
    acceptable(/^(?!1, 1, 0$)/, 'the last thread saw x, or it was not passed on'),
  ],
});
