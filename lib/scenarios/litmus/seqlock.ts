import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/seqlock',
  description:
    'Seqlock with plain accesses: an even, unchanged number promises that the values belong together',
  state: { seq: i32, a: i32, b: i32 },
  result: { valid: i32, a: i32, b: i32 },
  actors: {
    writer(state) {
      state.seq = 1;
      state.a = 1;
      state.b = 1;
      state.seq = 2;
    },
    reader(state, result) {
      const before = state.seq;
      result.a = state.a;
      result.b = state.b;
      if (before % 2 === 0 && state.seq === before) result.valid = 1;
    },
  },
  outcomes: [
    acceptable(/^0, /, 'the reader noticed the writer and would try again'),
    acceptable('1, 0, 0', 'all of the old values'),
    acceptable('1, 1, 1', 'all of the new values'),
    interesting(
      /^1, (0, 1|1, 0)$/,
      'values of two versions passed for one: plain accesses order nothing',
    ),
  ],
});
