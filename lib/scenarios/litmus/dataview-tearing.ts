import { i32 } from '../../abi/index.ts';
import { acceptable, interesting, scenario, sharedBuffer } from '../../scenario/index.ts';

/** One of 16 numbers side by side at odd places lies on two cache lines. */
const NUMBERS = 16;
const BYTES = 4 * (NUMBERS + 1);

export default scenario({
  name: 'litmus/dataview-tearing',
  description:
    'Tearing: numbers that a DataView stores at places that are no multiple of their size',
  state: { memory: sharedBuffer(BYTES) },
  result: { torn: i32 },
  open: ({ memory }) => new DataView(memory),
  actors: {
    writer(_state, _result, data) {
      for (let i = 0; i < NUMBERS; i++) data.setInt32(4 * i + 1, -1, true);
    },
    reader(_state, result, data) {
      for (let i = 0; i < NUMBERS; i++) {
        const value = data.getInt32(4 * i + 1, true);
        if (value !== 0 && value !== -1) result.torn = value;
      }
    },
  },
  outcomes: [
    acceptable('0', 'every number was read whole'),
    interesting(/./, 'some bytes were new and some old: a DataView promises nothing for a number'),
  ],
});
