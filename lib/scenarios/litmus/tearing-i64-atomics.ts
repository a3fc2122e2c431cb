import { i64 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/tearing-i64-atomics',
  description: 'Tearing with Atomics: 64 bits at once on every processor',
  state: { x: atomic(i64) },
  result: { r1: i64 },
  actors: {
    writer(state) {
      state.x.store(-1n);
    },
    reader(state, result) {
      result.r1 = state.x.load();
    },
  },
  outcomes: [
    acceptable('0', 'before the store'),
    acceptable('-1', 'after the store'),
    forbidden(/./, 'a half of the store'),
  ],
});
