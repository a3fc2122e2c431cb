import { EAGAIN, isError, SysletsError } from '../errors.ts';
import type { CompletionRing } from '../ring/index.ts';
import { callName } from './numbers.ts';

/** Value of a call that was handed over: its result will be in the ring. */
export const ESYSLETPENDING = 132;
/** What a call that failed at once throws. */
export function callError(nr: number, result: number, ring?: CompletionRing): SysletsError {
  const full = result === EAGAIN && ring !== undefined && ring.unread === ring.elements;
  return new SysletsError(callName(nr), result, full ? 'its ring is full: reap it' : undefined);
}

/** The result of the only call that completes into this ring, waited for. Throws if it failed. */
export function completedResult(nr: number, ring: CompletionRing): number {
  let result = 0;
  ring.wait();
  ring.reap((status) => {
    result = status;
  });
  if (isError(result)) throw new SysletsError(callName(nr), result);
  return result;
}
