import { i32 } from '../../abi/index.ts';
import { acceptable, completer, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, sawHead, settled } from '../shared/ring.ts';

export default scenario({
  name: 'ring/completion-before-head',
  description: 'Who sees the head sees the completion that it covers, whole',
  state: { ring: sharedBuffer(ringBytes(1)) },
  result: { seen: i32, callerData: i32 },
  needs: ['addon'],
  setup: (state) => freshRing(state.ring, 1),
  actors: {
    completer: completer({ ring: 'ring', callerData: 7 }),
    reader(state, result) {
      const ring = ringOver(state.ring);
      if (!sawHead(ring)) return;
      result.seen = 1;
      result.callerData = reaped(ring)[0] ?? -1;
    },
  },
  // the memory is used again: nothing may be on its way
  arbiter: (state) => void settled(ringOver(state.ring), 1),
  outcomes: [
    acceptable('0, 0', 'the completion came after the reader had given up'),
    acceptable('1, 7', 'head and completion'),
    forbidden(/^1, /, 'the head came before the completion: an old one was read'),
  ],
});
