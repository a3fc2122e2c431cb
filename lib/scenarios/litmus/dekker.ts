import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/dekker',
  description: 'Dekker: raise the own flag, enter if the other is down',
  state: { left: i32, right: i32 },
  result: { left: i32, right: i32 },
  actors: {
    left(state, result) {
      state.left = 1;
      if (state.right === 0) result.left = 1;
    },
    right(state, result) {
      state.right = 1;
      if (state.left === 0) result.right = 1;
    },
  },
  outcomes: [
    acceptable('0, 0', 'both saw the other and stayed out'),
    acceptable('0, 1', 'right entered alone'),
    acceptable('1, 0', 'left entered alone'),
    interesting('1, 1', 'both are in: plain flags exclude neither, the load overtakes the store'),
  ],
});
