import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/sb',
  description: 'Store buffering: each thread stores, then loads what the other stores',
  state: { x: i32, y: i32 },
  result: { r1: i32, r2: i32 },
  actors: {
    left(state, result) {
      state.x = 1;
      result.r1 = state.y;
    },
    right(state, result) {
      state.y = 1;
      result.r2 = state.x;
    },
  },
  outcomes: [
    acceptable('0, 1', 'left ran first'),
    acceptable('1, 0', 'right ran first'),
    acceptable('1, 1', 'both stores came before both loads'),
    interesting('0, 0', 'both loads overtook the stores, which wait in store buffers'),
  ],
});
