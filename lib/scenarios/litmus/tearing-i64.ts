import { i64 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/tearing-i64',
  description: 'Tearing: 64 bits may be stored in parts',
  state: { x: i64 },
  result: { r1: i64 },
  actors: {
    writer(state) {
      state.x = -1n;
    },
    reader(state, result) {
      result.r1 = state.x;
    },
  },
  outcomes: [
    acceptable('0', 'before the store'),
    acceptable('-1', 'after the store'),
    interesting(
      /./,
      'a half of the store: plain accesses of BigInt64Array may tear, on processors of 32 bits they do',
    ),
  ],
});
