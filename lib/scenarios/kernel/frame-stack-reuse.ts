import { i32 } from '../../abi/index.ts';
import { newFrameStack } from '../../kernel/index.ts';
import { acceptable, atomic, scenario, sharedBuffer } from '../../scenario/index.ts';
import {
  awaitCaller,
  awaitCompletions,
  futexWait,
  futexWord,
  isReady,
  SysletThread,
} from '../shared/syslet-thread.ts';

const CALLS = 2;

export default scenario({
  name: 'kernel/frame-stack-reuse',
  description: 'Calls in flight share the stack of their frames, which is overwritten at once',
  needs: ['addon', 'calls'],
  state: { futex: sharedBuffer(64), ready: atomic(i32) },
  result: { beyond: i32, wrong: i32 },
  open: ({ futex }) => futexWord(futex),
  actors: {
    caller(state, result, { address }) {
      const { kernel, call, stack } = sharing();
      let pending = 0;
      isReady(state.ready);
      for (let i = 0; i < CALLS; i++) {
        call.setArg(0, address).run();
        if (call.pending) pending++;
      }
      result.beyond = awaitCompletions(kernel.ring, pending, (status) => {
        stack.fill(0xff);
        if (status !== 0) result.wrong = status;
      });
    },
    waker(state, _result, word) {
      awaitCaller(state.ready);
      SysletThread.own().wake(word);
    },
  },
  close: () => SysletThread.detach(),
  outcomes: [
    acceptable(
      '0, 0',
      '`park` leaves for the kernel stack at once and touches no stack of a frame',
    ),
  ],
});

let made: ReturnType<typeof make> | undefined;

function sharing() {
  made ??= make();
  return made;
}

function make() {
  const { kernel } = SysletThread.own();
  const stack = newFrameStack();
  const frame = { ip: kernel.functions().park, stack };
  return { kernel, stack, call: futexWait(kernel).setFrame(frame) };
}
