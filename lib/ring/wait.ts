import { expected } from '../check.ts';
import { SysletsError } from '../errors.ts';
import { native } from '../native.ts';

/** A wait sleeps in slices: between two of them worker.terminate() can end the thread. */
export const SLICE_MS = 20;

const ETIMEDOUT = -110;

/**
 * Sleeps in `sys_syslet_ring_wait` until `indexToLeave` returns undefined instead of the index
 * that kernel_head still has: true; false when `timeoutMs` have passed before.
 */
export function waitForHead(
  ring: bigint,
  timeoutMs: number,
  indexToLeave: () => number | undefined,
): boolean {
  const deadline = performance.now() + checkTimeout(timeoutMs);
  for (;;) {
    const index = indexToLeave();
    if (index === undefined) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    sleep(ring, index, Math.ceil(Math.min(left, SLICE_MS)));
  }
}

function sleep(ring: bigint, index: number, sliceMs: number): void {
  const error = native().ringWait(ring, index, sliceMs);
  if (error !== 0 && error !== ETIMEDOUT) throw new SysletsError('sys_syslet_ring_wait', error);
}

function checkTimeout(timeoutMs: unknown): number {
  if (typeof timeoutMs !== 'number') {
    throw new TypeError(expected('timeoutMs', timeoutMs, 'a number'));
  }
  if (timeoutMs >= 0) return timeoutMs;
  throw new RangeError(expected('timeoutMs', timeoutMs, 'zero or more'));
}
