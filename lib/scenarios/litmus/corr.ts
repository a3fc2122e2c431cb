import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/corr',
  description: 'Coherence of reads: two loads of one field while another thread stores',
  state: { x: i32 },
  result: { r1: i32, r2: i32 },
  actors: {
    writer(state) {
      state.x = 1;
    },
    reader(state, result) {
      result.r1 = state.x;
      result.r2 = state.x;
    },
  },
  outcomes: [
    acceptable('0, 0', 'the store came last'),
    acceptable('0, 1', 'the store came between the loads'),
    acceptable('1, 1', 'the store came first'),
    interesting(
      '1, 0',
      'the value went back: processors are coherent, a compiler that swaps plain loads need not be',
    ),
  ],
});
