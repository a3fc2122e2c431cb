import { i32 } from '../../abi/index.ts';
import { type Kernel, NR, type SysletCall } from '../../kernel/index.ts';
import { acceptable, forbidden, repeat, scenario } from '../../scenario/index.ts';
import { awaitCompletions, SysletThread } from '../shared/syslet-thread.ts';

const CALLS = 16;
/** Less than a watcher needs to notice, or more: some end just when they are claimed. */
const LONGEST_NAP_NS = 8000;
const TIMESPEC_WORDS = 2;

export default scenario({
  name: 'kernel/calls-overlap',
  description: 'Short naps, handed over or not: calls end while the next ones begin',
  needs: ['addon', 'calls'],
  // of 32 calls each
  minSamples: 1000,
  state: {},
  result: { beyond: i32, asFrames: i32 },
  actors: repeat(2, napAndReap, 'caller'),
  close: () => SysletThread.detach(),
  outcomes: [
    acceptable('0, 0', 'each call has one result, in its hand or in the ring'),
    forbidden({ beyond: 0 }, 'a call of the program was taken for one of a frame: it may block'),
    forbidden(/./, 'a call has completed twice'),
  ],
});

interface Naps {
  readonly kernel: Kernel;
  readonly calls: readonly SysletCall[];
  /** A timespec for each. */
  readonly times: BigInt64Array;
}

let made: Naps | undefined;

function makeNaps(): Naps {
  const { kernel } = SysletThread.own();
  const times = new BigInt64Array(TIMESPEC_WORDS * CALLS);
  const calls = Array.from({ length: CALLS }, (_, index) =>
    kernel.newCall(NR.nanosleep).setArgs(times.subarray(TIMESPEC_WORDS * index), 0),
  );
  return { kernel, calls, times };
}

/** Both do the same, and say only what is wrong: neither covers up what the other has seen. */
function napAndReap(_state: unknown, result: { beyond: number; asFrames: number }): void {
  made ??= makeNaps();
  const { kernel, calls, times } = made;
  let [pending, seen] = [0, 0];
  for (const [index, call] of calls.entries()) {
    times[TIMESPEC_WORDS * index + 1] = BigInt(Math.floor(Math.random() * LONGEST_NAP_NS));
    call.run();
    if (call.pending) pending++;
    seen += kernel.ring.reap(() => undefined);
  }
  const beyond = awaitCompletions(kernel.ring, pending - seen, () => undefined);
  if (beyond !== 0) result.beyond = beyond;
  const { frameCalls = 0n } = kernel.counters();
  if (frameCalls !== 0n) result.asFrames = 1;
}
