import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/2-2w',
  description: '2+2W: two threads store to two fields in opposite order',
  state: { x: i32, y: i32 },
  result: { x: i32, y: i32 },
  actors: {
    left(state) {
      state.x = 1;
      state.y = 2;
    },
    right(state) {
      state.y = 1;
      state.x = 2;
    },
  },
  arbiter(state, result) {
    result.x = state.x;
    result.y = state.y;
  },
  outcomes: [
    acceptable('1, 2', 'right stored x first, then left stored both'),
    acceptable('2, 1', 'left stored y first, then right stored both'),
    acceptable('2, 2', "each first store came before the other thread's second"),
    interesting('1, 1', 'both second stores overtook both first ones; no x86 does that'),
  ],
});
