import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/lb',
  description: 'Load buffering: each thread loads, then stores what the other loads',
  state: { x: i32, y: i32 },
  result: { r1: i32, r2: i32 },
  actors: {
    left(state, result) {
      result.r1 = state.y;
      state.x = 1;
    },
    right(state, result) {
      result.r2 = state.x;
      state.y = 1;
    },
  },
  outcomes: [
    acceptable('0, 0', 'both loads came first'),
    acceptable('0, 1', 'left ran first'),
    acceptable('1, 0', 'right ran first'),
    interesting(
      '1, 1',
      'both stores overtook the loads; no x86 does that, some other processors may',
    ),
  ],
});
