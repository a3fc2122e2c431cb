import { i32 } from '../../abi/index.ts';
import { NR, type SysletCall } from '../../kernel/index.ts';
import { native } from '../../native.ts';
import { acceptable, atomic, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { freshRing, reaped, ringBytes, ringOver, settled } from '../shared/ring.ts';
import { Aim, awaitReady, isReady, SysletThread } from '../shared/syslet-thread.ts';

const CALLER_DATA = 7;

export default scenario({
  name: 'ring/wait-against-complete',
  description: 'A waiter for a ring is woken by its completion, however close the two are',
  needs: ['addon', 'calls'],
  state: { ring: sharedBuffer(ringBytes(1)), ready: atomic(i32) },
  result: { callerData: i32 },
  setup: (state) => freshRing(state.ring, 1),
  actors: {
    completer(state) {
      call ??= SysletThread.own().kernel.newCall(NR.getppid).setCallerData(CALLER_DATA);
      call.setRing(ringOver(state.ring));
      awaitReady(state.ready);
      call.dispatch();
    },
    waiter(state, result) {
      const ring = ringOver(state.ring);
      isReady(state.ready);
      aim.pause();
      aim.learn(ring.kernelHead !== 0);
      // one sleep without a limit, so that a lost wake-up hangs: ring.wait() looks again every 20 ms
      const error = native().ringWait(ring.address, 0, 0);
      if (error !== 0) throw new Error(`sys_syslet_ring_wait: ${error}`);
      result.callerData = reaped(ring)[0] ?? -1;
    },
  },
  arbiter: (state) => void settled(ringOver(state.ring), 1),
  close: () => SysletThread.detach(),
  outcomes: [
    acceptable('7', 'the wait ended with the completion'),
    forbidden(/./, 'the wait ended without one'),
  ],
});

/** At the moment of the completion: a wait that begins just then may miss it. */
const aim = new Aim();

let call: SysletCall | undefined;
