import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { i32 } from '../../abi/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { acceptable, atomic, forbidden, scenario, sharedBuffer } from '../../scenario/index.ts';
import {
  awaitCaller,
  awaitCompletions,
  futexWait,
  futexWord,
  isReady,
  SysletThread,
} from '../shared/syslet-thread.ts';

/** Memory of a call that the program has let go of: a timespec, which the kernel reads. */
const TIMESPEC_WORDS = 2;

export default scenario({
  name: 'kernel/buffer-kept',
  description: 'What a pending call uses is kept alive, also when the program has let go of it',
  needs: ['addon', 'calls'],
  state: { futex: sharedBuffer(64), ready: atomic(i32) },
  result: { pending: i32, collected: i32 },
  open: ({ futex }) => futexWord(futex),
  actors: {
    async caller(state, result, { address }) {
      const { kernel } = SysletThread.own();
      const weak = submit(kernel, address);
      if (weak) result.pending = 1;
      // what a WeakRef was made of stays until the job is over
      await setImmediate();
      collect();
      if (weak && weak.deref() === undefined) result.collected = 1;
      isReady(state.ready);
      awaitCompletions(kernel.ring, result.pending, () => undefined);
    },
    waker(state, _result, word) {
      awaitCaller(state.ready);
      SysletThread.own().wake(word);
    },
  },
  close: () => SysletThread.detach(),
  outcomes: [
    acceptable('1, 0', 'the call was pending, and its memory was there'),
    acceptable('0, 0', 'the call was over at once'),
    forbidden('1, 1', 'memory was collected that a pending call uses'),
  ],
});

/** A wait with a limit of an hour, in an array that nothing else refers to. */
function submit(kernel: Kernel, address: bigint): WeakRef<BigInt64Array> | undefined {
  const limit = new BigInt64Array(TIMESPEC_WORDS).fill(3600n, 0, 1);
  const call = futexWait(kernel).setArg(0, address).setArg(3, limit);
  call.run();
  const { pending } = call;
  call.release();
  return pending ? new WeakRef(limit) : undefined;
}

let gc: (() => void) | undefined;

function collect(): void {
  if (gc === undefined) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  gc();
}
