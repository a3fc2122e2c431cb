import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/2-2w-atomics',
  description: '2+2W with Atomics',
  state: { x: atomic(i32), y: atomic(i32) },
  result: { x: i32, y: i32 },
  actors: {
    left(state) {
      state.x.store(1);
      state.y.store(2);
    },
    right(state) {
      state.y.store(1);
      state.x.store(2);
    },
  },
  arbiter(state, result) {
    result.x = state.x.load();
    result.y = state.y.load();
  },
  outcomes: [
    acceptable('1, 2', 'right stored x first, then left stored both'),
    acceptable('2, 1', 'left stored y first, then right stored both'),
    acceptable('2, 2', "each first store came before the other thread's second"),
    forbidden('1, 1', 'both first stores came last: no order of the four stores gives that'),
  ],
});
