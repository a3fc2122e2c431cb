import { type Context, createContext, Script } from 'node:vm';

/** A run that did not come to an end by itself. */
export class RanTooLong extends Error {
  /** The machine did not let it run for so long: that says nothing of its code. */
  readonly isStarved: boolean;

  constructor(limitMs: number, isStarved: boolean) {
    super(`${limitMs / 1000} s`);
    this.isStarved = isStarved;
  }
}

/** Runs that were limited together went on for too long: each has to have a limit of its own. */
export class TogetherTooLong extends Error {}

/**
 * So long runs have one limit together, in processor time: a limit is a thread, and most scenarios have
 * hundreds of short runs.
 */
const TOGETHER_MS = 500;
/** One that never ends is interrupted then, by the clock. */
const INTERRUPTED_MS = 3000;

const together = createContext({ job: () => {} });
const togetherJob = new Script('job()');
/** In processor time of this process, while runs are limited together. */
let togetherUntil: number | undefined;

/**
 * Calls a function whose runs have no limits of their own. Where that takes too long it is left, at its next
 * run or look at the clock or, if none comes, anywhere: it has to begin anew, with whatever it works on.
 *
 * @throws TogetherTooLong
 */
export function limitedTogether<T>(code: () => T): T {
  let result: T | undefined;
  together.job = () => {
    result = code();
  };
  togetherUntil = processorMs() + TOGETHER_MS;
  try {
    togetherJob.runInContext(together, { timeout: INTERRUPTED_MS });
  } catch (error) {
    throw isInterruption(error) ? new TogetherTooLong() : error;
  } finally {
    togetherUntil = undefined;
  }
  return result as T;
}

/** Leaves what is limited together, if that takes too long. */
export function leaveIfTooLong(): void {
  if (togetherUntil !== undefined && processorMs() > togetherUntil) throw new TogetherTooLong();
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function isInterruption(error: unknown): boolean {
  return (error as { code?: string } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/**
 * Runs a script for so long, and `slowness` times as long by the clock, which is what V8 limits: patience is
 * meant for the time that a processor gave it. Without a limit (Infinity) whoever called limits all runs
 * together.
 *
 * @throws RanTooLong
 */
export function limited(
  script: Script,
  context: Context,
  patienceMs: number,
  slowness: number,
): unknown {
  if (patienceMs === Number.POSITIVE_INFINITY) return script.runInContext(context);
  if (togetherUntil !== undefined) {
    leaveIfTooLong();
    return script.runInContext(context);
  }
  const before = process.cpuUsage();
  try {
    return script.runInContext(context, { timeout: patienceMs * slowness });
  } catch (error) {
    if (!isInterruption(error)) throw error;
    const { user, system } = process.cpuUsage(before);
    throw new RanTooLong(patienceMs, (user + system) / 1000 < patienceMs);
  }
}
