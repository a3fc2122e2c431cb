import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario } from 'syslets/scenario';

export default scenario({
  name: 'race/values-without-recheck',
  description: 'Planted: two values that belong together are read without looking again',
  state: { a: i32, b: i32 },
  result: { a: i32, b: i32 },
  actors: {
    writer(state) {
      state.a = 1;
      state.b = 1;
    },
    reader(state, result) {
      result.a = state.a;
      result.b = state.b;
    },
  },
  outcomes: [
    acceptable(/^(0, 0|1, 1)$/, 'one version'),
    forbidden(/^(0, 1|1, 0)$/, 'two versions in one'),
  ],
});
