import { expected } from '../check.ts';
import { ETIMEDOUT, SysletsError } from '../errors.ts';
import { native } from '../native.ts';

export interface WaitOptions {
  /** Default: no limit. */
  readonly timeoutMs?: number;
}

/** While there is other work, a wait turns to it so often. */
const WORK_MS = 1;

let work: (() => boolean) | undefined;

/**
 * What this thread does while it waits for a ring: an event loop whose calls wait for descriptors has
 * them made, since the ring's completion may depend on one of them. It says whether there will be
 * more; undefined takes it away.
 */
export function setWorkWhileWaiting(run: (() => boolean) | undefined): void {
  work = run;
}

/** A wait sleeps in slices: between two of them worker.terminate() can end the thread. */
const SLICE_MS = 20;

/**
 * Sleeps by `sleep`, which gives 0 or -errno after at most so many milliseconds, as long as that is
 * -ETIMEDOUT: true; false when `timeoutMs` have passed before.
 *
 * @throws SysletsError any other error, as one of `name`.
 */
export function waitInSlices(
  name: string,
  sleep: (timeoutMs: number) => number,
  options: WaitOptions = {},
): boolean {
  const deadline = performance.now() + checkTimeout(options.timeoutMs);
  for (;;) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    const slice = work?.() ? WORK_MS : SLICE_MS;
    const error = sleep(Math.ceil(Math.min(left, slice)));
    if (error === 0) return true;
    if (error !== ETIMEDOUT) throw new SysletsError(name, error);
  }
}

/**
 * Sleeps in `sys_syslet_ring_wait` until kernel_head of the ring at this address is not `index`:
 * true; false when `timeoutMs` have passed before.
 *
 * @throws SysletsError EFAULT where there is no ring; EINTR when the context detaches.
 */
export function ringWait(ring: bigint, index: number, options?: WaitOptions): boolean {
  const sleep = (timeoutMs: number) => native().ringWait(ring, index, timeoutMs);
  return waitInSlices('sys_syslet_ring_wait', sleep, options);
}

function checkTimeout(timeoutMs: unknown = Number.POSITIVE_INFINITY): number {
  if (typeof timeoutMs !== 'number') {
    throw new TypeError(expected('timeoutMs', timeoutMs, 'a number'));
  }
  if (timeoutMs >= 0) return timeoutMs;
  throw new RangeError(expected('timeoutMs', timeoutMs, 'zero or more'));
}
