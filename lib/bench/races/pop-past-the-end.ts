import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario, sharedBuffer } from 'syslets/scenario';
import { A, pop, WORDS, type Words } from '../flawed.ts';

export default scenario({
  name: 'race/pop-past-the-end',
  description: 'Planted: a size is looked at, and then changed; two pop the only element',
  state: { memory: sharedBuffer(4 * WORDS) },
  result: { size: i32 },
  open: ({ memory }): Words => new Int32Array(memory),
  setup(_state, words) {
    words[A] = 1;
  },
  actors: {
    left: (_state, _result, words) => void pop(words),
    right: (_state, _result, words) => void pop(words),
  },
  arbiter(_state, result, words) {
    result.size = words[A] as number;
  },
  outcomes: [acceptable('0', 'one has it'), forbidden('-1', 'popped past the end')],
});
