import { i32 } from '../../abi/index.ts';
import { acceptable, atomic, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import { Aim, futexWord, isReady, runToEnd, SysletThread } from '../shared/syslet-thread.ts';

export default scenario({
  name: 'kernel/hand-off-return',
  description: 'A call ends just when its context is handed over: it has one result, in one place',
  needs: ['addon', 'calls'],
  state: { futex: sharedBuffer(64), ready: atomic(i32), handedOver: atomic(i32) },
  result: { how: i32, completions: i32, status: i32 },
  open: ({ futex }) => futexWord(futex),
  actors: {
    caller(state, result, { address }) {
      const { kernel, waiting } = SysletThread.anew();
      isReady(state.ready);
      const end = runToEnd(waiting.setArg(0, address), kernel, () => state.handedOver.store(1));
      result.how = end.how;
      result.completions = end.completions;
      result.status = end.status;
    },
    waker(state, _result, word) {
      aim.await(state.ready);
      SysletThread.own().wake(word);
      aim.learn(state.handedOver.load() === 1);
    },
  },
  close: () => SysletThread.detach(),
  outcomes: [
    acceptable('1, 0, -11', 'the word was set before the call looked: EAGAIN, at once'),
    acceptable('1, 0, 0', 'it slept, and was woken before the watcher had taken the context'),
    acceptable('2, 1, 0', 'handed over; woken, and its completion is in the ring'),
    forbidden({ how: 1, completions: 1 }, 'it returned to its caller and completed into the ring'),
    forbidden({ how: 2, completions: 2 }, 'one call completed twice'),
  ],
});

/** At the moment of the hand-off: where the call ends just then, it may go wrong. */
const aim = new Aim();
