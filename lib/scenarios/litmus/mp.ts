import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/mp',
  description: 'Message passing: data, then a flag; the reader looks at the flag, then at the data',
  state: { data: i32, flag: i32 },
  result: { flag: i32, data: i32 },
  actors: {
    writer(state) {
      state.data = 1;
      state.flag = 1;
    },
    reader(state, result) {
      result.flag = state.flag;
      result.data = state.data;
    },
  },
  outcomes: [
    acceptable('0, 0', 'the reader ran first'),
    acceptable('0, 1', 'the data came, the flag not yet'),
    acceptable('1, 1', 'the message arrived'),
    interesting(
      '1, 0',
      'the flag overtook the data: plain stores and loads order nothing for other threads',
    ),
  ],
});
