import { i32 } from '../../abi/index.ts';
import { EINTR } from '../../errors.ts';
import { Kernel } from '../../kernel/index.ts';
import { acceptable, atomic, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import {
  awaitCaller,
  futexWait,
  futexWord,
  isReady,
  SysletThread,
} from '../shared/syslet-thread.ts';

const CALLS = 3;
const RING = 8;

export default scenario({
  name: 'kernel/hand-off-detach',
  description: 'Detach while calls are pending and about to end: each has its completion, once',
  needs: ['addon', 'calls'],
  state: { futex: sharedBuffer(64), ready: atomic(i32) },
  result: { missing: i32, beyond: i32, wrong: i32 },
  open: ({ futex }) => futexWord(futex),
  actors: {
    caller(state, result, { address }) {
      const kernel = Kernel.attach({ ring: RING, slots: 1 });
      const call = futexWait(kernel).setArg(0, address);
      let pending = 0;
      for (let i = 0; i < CALLS; i++) {
        call.run();
        if (call.pending) pending++;
      }
      isReady(state.ready);
      kernel.detach();
      const seen = kernel.ring.reap((status) => {
        if (status !== 0 && status !== EINTR) result.wrong = status;
      });
      result.missing = Math.max(0, pending - seen);
      result.beyond = Math.max(0, seen - pending);
    },
    waker(state, _result, word) {
      awaitCaller(state.ready);
      SysletThread.own().wake(word);
    },
  },
  close: () => SysletThread.detach(),
  outcomes: [
    acceptable('0, 0, 0', 'each was woken, or interrupted (EINTR), and is in the ring'),
    forbidden({ wrong: 0 }, 'after detach a completion is missing, or there is one too many'),
  ],
});
