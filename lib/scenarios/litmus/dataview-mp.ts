import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/dataview-mp',
  description: 'Message passing: data by a DataView at an odd place, published by an atomic flag',
  state: { memory: sharedBuffer(8), flag: atomic(i32) },
  result: { flag: i32, data: i32 },
  open: ({ memory }) => new DataView(memory),
  actors: {
    writer(state, _result, data) {
      data.setInt32(1, -1, true);
      state.flag.store(1);
    },
    reader(state, result, data) {
      result.flag = state.flag.load();
      result.data = data.getInt32(1, true);
    },
  },
  outcomes: [
    acceptable('1, -1', 'the message arrived'),
    forbidden(/^1, /, 'the flag came before the data'),
    acceptable(/^0, /, 'the flag had not come: the data may be there, or some of its bytes'),
  ],
});
