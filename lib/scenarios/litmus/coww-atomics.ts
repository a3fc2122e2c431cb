import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/coww-atomics',
  description: 'Coherence of writes with Atomics',
  state: { x: atomic(i32) },
  result: { seen: i32, last: i32 },
  actors: {
    writer(state) {
      state.x.store(1);
      state.x.store(2);
    },
    reader(state, result) {
      result.seen = state.x.load();
    },
  },
  arbiter(state, result) {
    result.last = state.x.load();
  },
  outcomes: [
    acceptable(/^[012], 2$/, 'the second store is the last, whatever the reader saw'),
    forbidden(/^[012], [01]$/, 'the first store came after the second of the same thread'),
  ],
});
