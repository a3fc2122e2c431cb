import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import {
  awaitCaller,
  awaitCompletions,
  futexWord,
  isReady,
  SysletThread,
} from '../shared/syslet-thread.ts';

const KILLED = 7;
const NEXT = 8;

export default scenario({
  name: 'kernel/kill-completion',
  description:
    'A pending call is interrupted just when it ends: one completion, and no other is hit',
  needs: ['addon', 'calls'],
  state: { futex: sharedBuffer(64), second: sharedBuffer(64), ready: atomic(i32) },
  result: { killed: i32, completions: i32, next: i32 },
  open: ({ futex, second }) => ({ first: futexWord(futex), second: futexWord(second) }),
  actors: {
    killer(state, result, { first, second }) {
      const { kernel, waiting } = SysletThread.own();
      let done = 0;
      const see = (status: number, callerData: number): void => {
        if (callerData === KILLED) result.killed = status;
        if (callerData === KILLED) result.completions++;
        if (callerData === NEXT) result.next = status;
        done++;
      };
      const started = (address: bigint, callerData: number): number => {
        waiting.setArg(0, address).setCallerData(callerData).run();
        return waiting.pending ? 1 : 0;
      };
      isReady(state.ready);
      const pending = started(first.address, KILLED) + started(second.address, NEXT);
      while (kernel.interrupt(KILLED)) kernel.ring.reap(see);
      // whoever has not completed is the second, which nobody may have hit
      SysletThread.own().wake(second);
      awaitCompletions(kernel.ring, pending - done, see);
    },
    waker(state, _result, { first }) {
      awaitCaller(state.ready);
      SysletThread.own().wake(first);
    },
  },
  close: () => SysletThread.detach(),
  outcomes: [
    acceptable('0, 1, 0', 'woken before the signal, or the signal came too late'),
    acceptable('-4, 1, 0', 'interrupted'),
    acceptable('0, 0, 0', 'it was over at once: there was nothing to interrupt'),
    forbidden({ next: -4 }, 'the signal hit another call'),
  ],
});
