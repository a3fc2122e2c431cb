import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/mp-atomics',
  description: 'Message passing: plain data is published by a flag that is atomic',
  state: { data: i32, flag: atomic(i32) },
  result: { flag: i32, data: i32 },
  actors: {
    writer(state) {
      state.data = 1;
      state.flag.store(1);
    },
    reader(state, result) {
      result.flag = state.flag.load();
      result.data = state.data;
    },
  },
  outcomes: [
    acceptable('0, 0', 'the reader ran first'),
    acceptable('0, 1', 'the data came, the flag not yet: nothing orders this read'),
    acceptable('1, 1', 'the message arrived'),
    forbidden(
      '1, 0',
      'a thread that reads the flag, which was stored after the data, must see the data',
    ),
  ],
});
