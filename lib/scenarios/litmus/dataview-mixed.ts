import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario, sharedBuffer } from '../../scenario/index.ts';

export default scenario({
  name: 'litmus/dataview-mixed',
  description: 'A DataView against a typed array: a number stored whole is read by its halves',
  state: { memory: sharedBuffer(4) },
  result: { low: i32, high: i32 },
  open: ({ memory }) => ({ whole: new Int32Array(memory), halves: new DataView(memory) }),
  actors: {
    writer(_state, _result, { whole }) {
      whole[0] = 0x0001_0001;
    },
    reader(_state, result, { halves }) {
      result.low = halves.getInt16(0, true);
      result.high = halves.getInt16(2, true);
    },
  },
  outcomes: [
    acceptable('0, 0', 'before the store'),
    acceptable('1, 1', 'after the store'),
    acceptable('0, 1', 'the store came between the two loads'),
    interesting(
      '1, 0',
      'the half that was read first was newer: loads of other sizes have no order',
    ),
  ],
});
