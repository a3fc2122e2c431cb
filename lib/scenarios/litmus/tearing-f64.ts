import { double } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

/** Both halves of its 64 bits are other than those of 0. */
const WHOLE = 1.000000238418579;

export default scenario({
  name: 'litmus/tearing-f64',
  description: 'Tearing of numbers in a Float64Array',
  state: { x: double },
  result: { r1: double },
  actors: {
    writer(state) {
      state.x = WHOLE;
    },
    reader(state, result) {
      result.r1 = state.x;
    },
  },
  outcomes: [
    acceptable('0', 'before the store'),
    acceptable('1.000000238418579', 'after the store'),
    interesting(
      /./,
      'a half of the store: floating point numbers may tear, on processors of 32 bits they do',
    ),
  ],
});
