import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/sb-atomics',
  description: 'Store buffering with Atomics: the weak outcome must be gone',
  state: { x: atomic(i32), y: atomic(i32) },
  result: { r1: i32, r2: i32 },
  actors: {
    left(state, result) {
      state.x.store(1);
      result.r1 = state.y.load();
    },
    right(state, result) {
      state.y.store(1);
      result.r2 = state.x.load();
    },
  },
  outcomes: [
    acceptable('0, 1', 'left ran first'),
    acceptable('1, 0', 'right ran first'),
    acceptable('1, 1', 'both stores came before both loads'),
    forbidden(
      '0, 0',
      'Atomics have one order: the later of the two loads must see the other store',
    ),
  ],
});
