import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled } from '../shared/ring.ts';

/** The completer of the ring that is waited for comes late: until then there are strange wake-ups. */
const WAIT_MS = 1;

export default scenario({
  name: 'ring/spurious-wake-ups',
  description: 'A wait with a limit says why it ended, also where others of its queue are woken',
  state: { own: sharedBuffer(ringBytes(1)), other: sharedBuffer(ringBytes(2)) },
  result: { answer: i32, head: i32 },
  needs: ['addon'],
  setup(state) {
    freshRing(state.own, 1, { waitGroup: 9 });
    freshRing(state.other, 2, { waitGroup: 9 });
  },
  actors: {
    first: completer({ ring: 'other', callerData: 1 }),
    second: completer({ ring: 'other', callerData: 2 }),
    // nothing ever completes into the ring that it waits for
    waiter(state, result) {
      const ring = ringOver(state.own);
      result.answer = ring.wait({ timeoutMs: WAIT_MS }) ? 1 : 0;
      result.head = ring.kernelHead;
    },
  },
  arbiter(state) {
    const other = ringOver(state.other);
    settled(other, 2);
    reaped(other);
  },
  outcomes: [
    acceptable('0, 0', 'it waited until its limit'),
    forbidden('1, 0', 'it said that a completion was there, and there was none'),
  ],
});
