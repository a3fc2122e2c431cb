import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/iriw',
  description:
    'Independent reads of independent writes: do two readers see two stores in one order?',
  state: { x: i32, y: i32 },
  result: { a1: i32, a2: i32, b1: i32, b2: i32 },
  actors: {
    first(state) {
      state.x = 1;
    },
    second(state) {
      state.y = 1;
    },
    third(state, result) {
      result.a1 = state.x;
      result.a2 = state.y;
    },
    fourth(state, result) {
      result.b1 = state.y;
      result.b2 = state.x;
    },
  },
  outcomes: [
    interesting(
      '1, 0, 1, 0',
      'one reader saw x first, the other y first: plain accesses have no order that all see',
    ),
    acceptable(
      /^(?!1, 0, 1, 0$)/,
      'the readers agree on the order of the two stores, or cannot tell',
    ),
  ],
});
