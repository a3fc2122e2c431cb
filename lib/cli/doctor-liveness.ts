import type { NativeDoctor } from '../binding.ts';
import { KEPT_FOR_STALLS, keptTasks } from '../loop/index.ts';
import type { UserLimits } from './doctor-limits.ts';

/** Something that keeps a blocked call from holding JavaScript, and what is done without it. */
export interface Need {
  readonly need: string;
  /** null: it does not show. */
  readonly here: boolean | null;
  /** How much of it there is, or why there is none. */
  readonly detail: string;
  readonly without: string;
  /** Counters of `kernel.counters()` or `sys.counters()` that tell it in a running program. */
  readonly counters: readonly string[];
}

export type Attached = Pick<
  NativeDoctor,
  | 'perf'
  | 'sampler'
  | 'interruptSignal'
  | 'spare'
  | 'guardian'
  | 'descriptorsHeld'
  | 'descriptorsMissing'
>;

/** Signals below it need no room in the queue of the user's signals. */
const FIRST_QUEUED_SIGNAL = 32;

/** What an attached thread has, in the order in which it falls back on the next. */
export function needs(facts: Attached, limits: UserLimits): readonly Need[] {
  return [
    ...eyes(facts),
    ...hands(facts),
    threads(limits),
    turns(limits),
    ...signals(facts, limits),
  ];
}

function eyes(facts: Attached): readonly Need[] {
  const { perf, sampler, descriptorsHeld: held, descriptorsMissing: missing } = facts;
  return [
    {
      need: 'perf events',
      here: perf === 'ok',
      detail: perf,
      without: 'blocks are seen some ten microseconds later, by files of /proc',
      counters: ['perfFailed'],
    },
    {
      need: 'files of /proc/self/task',
      here: sampler === 'ok',
      detail: sampler,
      without: 'what perf does not show is seen after 5 to 10 ms, by the clock',
      counters: ['overdue'],
    },
    {
      need: 'descriptors in reserve',
      here: missing === 0,
      detail: `${held} of ${held + missing}`,
      without: 'where a program has used up its own, blocks are seen after 5 to 10 ms',
      counters: ['perfFailed', 'overdue'],
    },
  ];
}

function hands({ spare, guardian }: Attached): readonly Need[] {
  return [
    {
      need: 'spare task',
      here: spare,
      detail: spare ? 'made at attach' : 'no thread could be made',
      without:
        'where no thread can be made, a call that blocks holds JavaScript for 20 ms, and then waits its turn',
      counters: ['sparesUsed', 'callsUnwatched', 'surfaced', 'looks'],
    },
    {
      need: 'guardian',
      here: guardian,
      detail: guardian ? 'runs' : 'no thread could be made; the next attach tries again',
      without: 'a timer of the kernel does what it would, if RLIMIT_SIGPENDING leaves room for one',
      counters: ['callsUnwatched', 'surfaced', 'nudgesUnanswered'],
    },
  ];
}

function threads({ threads: used, mostThreads: most, isBound }: UserLimits): Need {
  const limit = most === null ? 'no limit' : `${used ?? '?'} of ${most}`;
  return {
    need: 'more threads (RLIMIT_NPROC)',
    here: !isBound || most === null ? true : used === null ? null : used < most,
    detail: isBound ? limit : `${limit}, which does not bind this user`,
    without: 'the tasks that are there go round, and then the spare; other calls wait their turn',
    counters: ['cloneFailed', 'sparesUsed', 'callsUnwatched', 'surfaced'],
  };
}

/** What could end the calls that have all threads may be in the queue behind them. */
function turns({ maxTasks }: UserLimits): Need {
  const kept = keptTasks(maxTasks);
  return {
    need: 'threads for a queue that stands still',
    here: kept >= KEPT_FOR_STALLS,
    detail: `${kept} of maxTasks, which is ${maxTasks} by default`,
    without: 'calls in the queue take turns one by one, so two that wait for each other never meet',
    counters: ['queued', 'stalls'],
  };
}

function signals({ interruptSignal }: Attached, limits: UserLimits): readonly Need[] {
  const { queued, mostQueued } = limits;
  return [
    {
      need: 'a signal that needs no queue',
      here: interruptSignal < FIRST_QUEUED_SIGNAL,
      detail: `signal ${interruptSignal}`,
      without: 'interrupts and time limits have no effect while the queue of signals is full',
      counters: ['interrupted'],
    },
    {
      need: 'room for signals (RLIMIT_SIGPENDING)',
      here: queued === null || mostQueued === null ? null : queued < mostQueued,
      detail: `${queued ?? '?'} of ${mostQueued ?? '?'}`,
      without: "a setuid reaches carriers by a signal of ours; V8's profiler loses samples",
      counters: [],
    },
  ];
}

/** yes, no, or ? where it does not show. */
export function answer({ here }: Need): string {
  return here === null ? '?' : here ? 'yes' : 'NO';
}
