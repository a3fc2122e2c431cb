import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/lb-atomics',
  description: 'Load buffering with Atomics',
  state: { x: atomic(i32), y: atomic(i32) },
  result: { r1: i32, r2: i32 },
  actors: {
    left(state, result) {
      result.r1 = state.y.load();
      state.x.store(1);
    },
    right(state, result) {
      result.r2 = state.x.load();
      state.y.store(1);
    },
  },
  outcomes: [
    acceptable('0, 0', 'both loads came first'),
    acceptable('0, 1', 'left ran first'),
    acceptable('1, 0', 'right ran first'),
    forbidden('1, 1', 'each load would have seen a store that comes after it in the one order'),
  ],
});
