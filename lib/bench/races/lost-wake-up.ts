import { i32 } from 'syslets/abi';
import { acceptable, forbidden, scenario, sharedBuffer } from 'syslets/scenario';
import { missesEvent, raiseEvent, WORDS, type Words } from '../flawed.ts';

export default scenario({
  name: 'race/lost-wake-up',
  description: 'Planted: the count that is waited on is read after the event was looked for',
  state: { memory: sharedBuffer(4 * WORDS) },
  result: { lost: i32 },
  open: ({ memory }): Words => new Int32Array(memory),
  actors: {
    waiter(_state, result, words) {
      if (missesEvent(words)) result.lost = 1;
    },
    raiser: (_state, _result, words) => raiseEvent(words),
  },
  outcomes: [acceptable('0', 'woken, or not asleep'), forbidden('1', 'asleep through it')],
});
