import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/iriw-atomics',
  description: 'Independent reads of independent writes with Atomics',
  state: { x: atomic(i32), y: atomic(i32) },
  result: { a1: i32, a2: i32, b1: i32, b2: i32 },
  actors: {
    first(state) {
      state.x.store(1);
    },
    second(state) {
      state.y.store(1);
    },
    third(state, result) {
      result.a1 = state.x.load();
      result.a2 = state.y.load();
    },
    fourth(state, result) {
      result.b1 = state.y.load();
      result.b2 = state.x.load();
    },
  },
  outcomes: [
    forbidden(
      '1, 0, 1, 0',
      'one reader would have seen x first, the other y first: Atomics have one order',
    ),
    acceptable(
      /^(?!1, 0, 1, 0$)/,
      'the readers agree on the order of the two stores, or cannot tell',
    ),
  ],
});
