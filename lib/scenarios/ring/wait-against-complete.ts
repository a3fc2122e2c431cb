import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled } from '../shared/ring.ts';

export default scenario({
  name: 'ring/wait-against-complete',
  description: 'Who waits for a ring is woken by its completion, however close the two are',
  state: { ring: sharedBuffer(ringBytes(1)) },
  result: { callerData: i32 },
  needs: ['addon'],
  setup: (state) => freshRing(state.ring, 1),
  actors: {
    completer: completer({ ring: 'ring', callerData: 7 }),
    waiter(state, result) {
      const ring = ringOver(state.ring);
      // without a limit: a wake-up that is lost shows as a trial that hangs
      ring.wait();
      result.callerData = reaped(ring)[0] ?? -1;
    },
  },
  arbiter: (state) => void settled(ringOver(state.ring), 1),
  outcomes: [
    acceptable('7', 'the wait ended with the completion'),
    forbidden(/./, 'the wait ended without one'),
  ],
});
