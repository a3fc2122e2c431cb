import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario } from 'syslets/scenario';

export default scenario({
  name: 'race/reader-without-acquire',
  description: 'Planted: the reader looks at the completion before the head that covers it',
  state: { completion: i32, head: i32 },
  result: { head: i32, completion: i32 },
  actors: {
    completer(state) {
      state.completion = 1;
      state.head = 1;
    },
    reader(state, result) {
      result.completion = state.completion;
      result.head = state.head;
    },
  },
  outcomes: [acceptable(/^(0, [01]|1, 1)$/, 'right'), forbidden('1, 0', 'an old completion')],
});
