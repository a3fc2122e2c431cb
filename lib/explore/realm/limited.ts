import type { Context, Script } from 'node:vm';

/** A run that did not come to an end by itself. */
export class RanTooLong extends Error {
  /** The machine did not let it run for so long: that says nothing of its code. */
  readonly isStarved: boolean;

  constructor(limitMs: number, isStarved: boolean) {
    super(`${limitMs / 1000} s`);
    this.isStarved = isStarved;
  }
}

/**
 * Runs a script for so long, and `slowness` times as long by the clock, which is what V8 limits: patience is
 * meant for the time that a processor gave it. Each limit is a thread; without one (Infinity) whoever
 * called limits all runs together.
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
  const before = process.cpuUsage();
  try {
    return script.runInContext(context, { timeout: patienceMs * slowness });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    const { user, system } = process.cpuUsage(before);
    throw new RanTooLong(patienceMs, (user + system) / 1000 < patienceMs);
  }
}
