import { i32 } from '../../abi/index.ts';
import { acceptable, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/coww',
  description: 'Coherence of writes: the later of two stores of one thread must last',
  state: { x: i32 },
  result: { seen: i32, last: i32 },
  actors: {
    writer(state) {
      state.x = 1;
      state.x = 2;
    },
    reader(state, result) {
      result.seen = state.x;
    },
  },
  arbiter(state, result) {
    result.last = state.x;
  },
  outcomes: [
    acceptable(/^[012], 2$/, 'the second store is the last, whatever the reader saw'),
    forbidden(/^[012], [01]$/, 'the first store came after the second of the same thread'),
  ],
});
