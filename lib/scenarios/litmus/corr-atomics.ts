import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/corr-atomics',
  description: 'Coherence of reads with Atomics',
  state: { x: atomic(i32) },
  result: { r1: i32, r2: i32 },
  actors: {
    writer(state) {
      state.x.store(1);
    },
    reader(state, result) {
      result.r1 = state.x.load();
      result.r2 = state.x.load();
    },
  },
  outcomes: [
    acceptable('0, 0', 'the store came last'),
    acceptable('0, 1', 'the store came between the loads'),
    acceptable('1, 1', 'the store came first'),
    forbidden('1, 0', 'the value went back'),
  ],
});
