import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, sum } from '../shared/ring.ts';

export default scenario({
  name: 'ring/overflow-block',
  description: 'A completer waits for room: each reap lets the next one in, and wakes it',
  state: { ring: sharedBuffer(ringBytes(1)) },
  result: { first: i32, second: i32, sum: i32 },
  needs: ['addon'],
  setup: (state) => freshRing(state.ring, 1),
  actors: {
    first: completer({ ring: 'ring', callerData: 1, register: 'first', overflow: 'block' }),
    second: completer({ ring: 'ring', callerData: 2, register: 'second', overflow: 'block' }),
    reaper(state, result) {
      const ring = ringOver(state.ring);
      // without a limit: a completer that nobody wakes shows as a trial that hangs
      for (let count = 0; count < 2; ) {
        ring.wait();
        const found = reaped(ring);
        count += found.length;
        result.sum = result.sum + sum(found);
      }
    },
  },
  outcomes: [
    acceptable('0, 0, 3', 'both came, one after the other'),
    forbidden(/./, 'one was refused, lost or overwritten'),
  ],
});
