import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/seqlock-atomics',
  description: 'Seqlock whose values are atomic too',
  state: { seq: atomic(i32), a: atomic(i32), b: atomic(i32) },
  result: { valid: i32, a: i32, b: i32 },
  actors: {
    writer(state) {
      state.seq.store(1);
      state.a.store(1);
      state.b.store(1);
      state.seq.store(2);
    },
    reader(state, result) {
      const before = state.seq.load();
      result.a = state.a.load();
      result.b = state.b.load();
      if (before % 2 === 0 && state.seq.load() === before) result.valid = 1;
    },
  },
  outcomes: [
    acceptable(/^0, /, 'the reader noticed the writer and would try again'),
    acceptable('1, 0, 0', 'all of the old values'),
    acceptable('1, 1, 1', 'all of the new values'),
    forbidden(/^1, (0, 1|1, 0)$/, 'values of two versions passed for one'),
  ],
});
