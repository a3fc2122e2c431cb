import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/seqlock-mixed',
  description:
    'Seqlock with an atomic number round plain values: right on x86, not by the memory model',
  state: { seq: atomic(i32), a: i32, b: i32 },
  result: { valid: i32, a: i32, b: i32 },
  actors: {
    writer(state) {
      state.seq.store(1);
      state.a = 1;
      state.b = 1;
      state.seq.store(2);
    },
    reader(state, result) {
      const before = state.seq.load();
      result.a = state.a;
      result.b = state.b;
      if (before % 2 === 0 && state.seq.load() === before) result.valid = 1;
    },
  },
  outcomes: [
    acceptable(/^0, /, 'the reader noticed the writer and would try again'),
    acceptable('1, 0, 0', 'all of the old values'),
    acceptable('1, 1, 1', 'all of the new values'),
    interesting(
      /^1, (0, 1|1, 0)$/,
      'a plain store overtook the number in front of it, or a plain load the number behind it: Atomics give no fence for that',
    ),
  ],
});
