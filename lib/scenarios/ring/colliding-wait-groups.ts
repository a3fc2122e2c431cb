import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled } from '../shared/ring.ts';

export default scenario({
  name: 'ring/colliding-wait-groups',
  description: 'Two rings share mutex and wait queue: a wait on one ends with its own completion',
  state: { own: sharedBuffer(ringBytes(1)), other: sharedBuffer(ringBytes(1)) },
  result: { callerData: i32, other: i32 },
  needs: ['addon'],
  setup(state) {
    freshRing(state.own, 1, { waitGroup: 5 });
    freshRing(state.other, 1, { waitGroup: 5 });
  },
  actors: {
    other: completer({ ring: 'other', callerData: 3 }),
    own: completer({ ring: 'own', callerData: 7 }),
    waiter(state, result) {
      const ring = ringOver(state.own);
      ring.wait();
      result.callerData = reaped(ring)[0] ?? -1;
    },
  },
  arbiter(state, result) {
    const other = ringOver(state.other);
    settled(ringOver(state.own), 1);
    settled(other, 1);
    result.other = reaped(other)[0] ?? -1;
  },
  outcomes: [
    acceptable('7, 3', 'each ring has its own'),
    forbidden(/^-1, /, 'the wait ended by a completion into the other ring'),
    forbidden(/./, 'a completion went into the wrong ring'),
  ],
});
