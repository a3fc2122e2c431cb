import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/increment',
  description: 'Lost update: two threads add one, by a plain load and a plain store',
  state: { x: i32 },
  result: { x: i32 },
  actors: {
    left(state) {
      state.x = state.x + 1;
    },
    right(state) {
      state.x = state.x + 1;
    },
  },
  arbiter(state, result) {
    result.x = state.x;
  },
  outcomes: [
    acceptable('2', 'one after the other'),
    interesting('1', 'both loaded before either stored: one update is lost'),
  ],
});
