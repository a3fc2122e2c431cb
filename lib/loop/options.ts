import { checkChoice, checkInteger, checkNames, expected } from '../check.ts';
import { defaultMaxTasks, type KernelOptions, WATCHERS, type Watcher } from '../kernel/index.ts';

/** How this thread's loop is made. */
export interface LoopOptions {
  /** Who notices that a call blocks; default: `auto`. */
  readonly watcher?: Watcher | 'auto';
  /**
   * OS threads that this thread's calls may take, 4 to 4096. Default: half of what RLIMIT_NPROC and
   * the pids cgroup leave, at most 1024. Calls beyond wait in a queue.
   */
  readonly maxTasks?: number;
  /** Calls in flight and in the queue together, at most 65,000; more are refused with EAGAIN. */
  readonly maxCalls?: number;
  /** Threads that nobody needed for so long end, but for a few. Default: 5,000. */
  readonly idleMs?: number;
  /** false: nothing is sent to a waiting task beforehand, calls that block are handed over. */
  readonly predict?: boolean;
  /**
   * Calls that end at once let the event loop turn when JavaScript has run for so long: then they give
   * a promise. Default: 5 for `.async`, never for the direct form; a number is for both, 0 for never.
   */
  readonly yieldMs?: number;
}

/** Short beside what people notice; a turn costs a few microseconds. */
export const ASYNC_YIELD_MS = 5;

export interface LoopSettings {
  /** With so many calls in flight those that are expected to block wait. */
  readonly crowdedAt: number;
  /** No more are, with those that blocked and were not expected to. */
  readonly mostInFlight: number;
  readonly maxCalls: number;
  readonly maxTasks: number;
  readonly ringElements: number;
  readonly predict: boolean;
  /** 0: never. */
  readonly asyncYieldMs: number;
  readonly directYieldMs: number;
  readonly kernel: KernelOptions;
}

/** The carrier of JavaScript and the child that watches it. */
const NOT_IN_A_CALL = 2;
/** Of the tasks that are kept, a queue that stands still needs so many (stall.ts). */
export const KEPT_FOR_STALLS = 3;
/** Tasks that are kept for calls that block unexpectedly while all others wait. */
export const keptTasks = (maxTasks: number): number =>
  Math.max(
    1,
    Math.min(KEPT_FOR_STALLS, Math.floor(maxTasks / 4)),
    Math.min(8, Math.floor(maxTasks / 8)),
  );
const MOST_CALLS = 65_000;
const MOST_MS = 0x7fff_ffff;
/** Calls of a batch. */
export const MOST_IN_BATCH = 64;
/** Slots that are held for calls that end at once and for those that wait (`.sync`). */
const SPARE_SLOTS = 16;
const OPTIONS = ['watcher', 'maxTasks', 'maxCalls', 'idleMs', 'predict', 'yieldMs'];

export function checkOptions(options: LoopOptions): LoopSettings {
  checkNames(options, OPTIONS);
  const maxTasks = checkTasks(options.maxTasks);
  const maxCalls = checkInteger('maxCalls', options.maxCalls ?? MOST_CALLS, 1, MOST_CALLS);
  const mostInFlight = Math.min(maxTasks - NOT_IN_A_CALL, maxCalls);
  const crowdedAt = Math.max(1, mostInFlight - keptTasks(maxTasks));
  const { watcher = 'auto', predict = true, idleMs, yieldMs } = options;
  checkChoice('watcher', watcher, WATCHERS);
  if (idleMs !== undefined) checkInteger('idleMs', idleMs, 1, MOST_MS);
  if (yieldMs !== undefined) checkYield(yieldMs);
  if (typeof predict !== 'boolean') {
    throw new TypeError(expected('predict', predict, 'true or false'));
  }
  return {
    crowdedAt,
    mostInFlight,
    maxCalls,
    maxTasks,
    ringElements: 2 ** Math.ceil(Math.log2(mostInFlight + 1)),
    predict,
    asyncYieldMs: yieldMs ?? ASYNC_YIELD_MS,
    directYieldMs: yieldMs ?? 0,
    kernel: {
      watcher,
      maxTasks,
      // twice: when one is released, blocks of slots may come to lie in its middle
      slots: maxCalls + SPARE_SLOTS + 2 * MOST_IN_BATCH,
      ring: 2,
      ...(idleMs === undefined ? {} : { idleMs }),
    },
  };
}

function checkYield(yieldMs: unknown): void {
  if (typeof yieldMs === 'number' && yieldMs >= 0 && yieldMs <= MOST_MS) return;
  throw new RangeError(expected('yieldMs', yieldMs, `milliseconds from 0 (never) to ${MOST_MS}`));
}

/** Threads beyond bring nothing: their calls wait for the same few devices. */
const MOST_TASKS = 4096;
const LEAST_TASKS = 4;

function checkTasks(maxTasks: number | undefined): number {
  if (maxTasks === undefined) return Math.max(LEAST_TASKS, defaultMaxTasks());
  return checkInteger('maxTasks', maxTasks, LEAST_TASKS, MOST_TASKS);
}
