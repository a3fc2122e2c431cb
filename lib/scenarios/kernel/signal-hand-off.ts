import { i32 } from '../../abi/index.ts';
import { NR, type SysletCall } from '../../kernel/index.ts';
import { acceptable, atomic, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import {
  awaitCaller,
  futexWord,
  isReady,
  runToEnd,
  SysletThread,
} from '../shared/syslet-thread.ts';

/** V8's profiler sends it; the addon takes those that come from the process itself. */
const SIGPROF = 27;
const SIGNALS = 4;

export default scenario({
  name: 'kernel/signal-hand-off',
  description: 'Signals at the OS thread that calls, while its context is being handed over',
  needs: ['addon', 'calls'],
  state: { futex: sharedBuffer(64), ready: atomic(i32), tid: atomic(i32) },
  result: { how: i32, completions: i32, status: i32 },
  open: ({ futex }) => futexWord(futex),
  actors: {
    caller(state, result, { address }) {
      const { kernel, waiting } = SysletThread.own();
      state.tid.store(kernel.gettid());
      isReady(state.ready);
      const end = runToEnd(waiting.setArg(0, address), kernel);
      result.how = end.how;
      result.completions = end.completions;
      result.status = end.status;
    },
    signaller(state, _result, word) {
      awaitCaller(state.ready);
      const { kernel } = SysletThread.own();
      signal ??= kernel.newCall(NR.tgkill).setArgs(process.pid, 0, SIGPROF);
      for (let i = 0; i < SIGNALS; i++) signal.setArg(1, state.tid.load()).run();
      SysletThread.own().wake(word);
    },
  },
  close: () => SysletThread.detach(),
  outcomes: [
    acceptable('1, 0, -11', 'the word was set before the call looked: EAGAIN, at once'),
    acceptable('1, 0, 0', 'not handed over; it went on after each signal, and was woken'),
    acceptable('2, 1, 0', 'handed over; the original went on after each signal, and was woken'),
    acceptable('2, 1, -11', 'handed over; a signal restarted it when the word was set already'),
    forbidden({ status: -4 }, 'EINTR: handlers of the process itself restart a call'),
  ],
});

let signal: SysletCall | undefined;
