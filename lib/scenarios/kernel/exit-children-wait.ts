import { i32 } from '../../abi/index.ts';
import { newFrameStack } from '../../kernel/index.ts';
import { acceptable, atomic, scenario, sharedBuffer } from '../../scenario/index.ts';
import {
  awaitCaller,
  awaitCompletions,
  type FutexWord,
  futexWait,
  futexWord,
  isReady,
  SysletThread,
} from '../shared/syslet-thread.ts';

const CALLS = 3;

export default scenario({
  name: 'kernel/exit-children-wait',
  description: 'Originals exit when their calls are over, others of the context wait or take over',
  needs: ['addon', 'calls'],
  state: { futex: sharedBuffer(64), ready: atomic(i32) },
  result: { missing: i32, wrong: i32 },
  open: ({ futex }) => futexWord(futex),
  actors: {
    caller(state, result, { address }) {
      const { kernel, call } = exiting();
      let pending = 0;
      isReady(state.ready);
      for (let i = 0; i < CALLS; i++) {
        call.setArg(0, address).run();
        if (call.pending) pending++;
      }
      const beyond = awaitCompletions(kernel.ring, pending, (status) => {
        if (status !== 0) result.wrong = status;
      });
      result.missing = -beyond;
    },
    waker(state, _result, word: FutexWord) {
      awaitCaller(state.ready);
      SysletThread.own().wake(word);
    },
  },
  close: () => SysletThread.detach(),
  outcomes: [acceptable('0, 0', 'each call has completed, with the frame `exit`')],
});

let made: ReturnType<typeof make> | undefined;

function exiting() {
  made ??= make();
  return made;
}

/** A call whose original exits; the birth thread parks. */
function make() {
  const { kernel } = SysletThread.own();
  const frame = { ip: kernel.functions().exit, stack: newFrameStack() };
  return { kernel, call: futexWait(kernel).setFrame(frame) };
}
