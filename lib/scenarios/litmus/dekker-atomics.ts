import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/dekker-atomics',
  description: 'Dekker with Atomics: at most one may enter',
  state: { left: atomic(i32), right: atomic(i32) },
  result: { left: i32, right: i32 },
  actors: {
    left(state, result) {
      state.left.store(1);
      if (state.right.load() === 0) result.left = 1;
    },
    right(state, result) {
      state.right.store(1);
      if (state.left.load() === 0) result.right = 1;
    },
  },
  outcomes: [
    acceptable('0, 0', 'both saw the other and stayed out'),
    acceptable('0, 1', 'right entered alone'),
    acceptable('1, 0', 'left entered alone'),
    forbidden('1, 1', 'both are in'),
  ],
});
