import { expected } from '../check.ts';
import { SysletsError } from '../errors.ts';
import { type Aiocb, requestOf } from './aiocb.ts';
import { EAGAIN } from './constants.ts';
import { engine } from './engine.ts';
import type { Request } from './request.ts';

export interface SuspendOptions {
  /** Default: no limit. 0 looks, and does not wait. */
  readonly timeoutMs?: number;
}

/**
 * Sleeps until one of the requests in the list is over. Entries may be null; with no request in
 * flight among them it returns at once. Callbacks (SIGEV_THREAD) run after it has returned.
 *
 * @throws SysletsError EAGAIN when `timeoutMs` have passed before.
 */
export function aioSuspend(list: readonly (Aiocb | null)[], options: SuspendOptions = {}): void {
  const requests = requestsOf('list', list);
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(expected('options', options, 'an object such as { timeoutMs: 5 }'));
  }
  const deadline = performance.now() + checkTimeout(options.timeoutMs);
  if (waitUntil(() => requests.some(isOver) || requests.length === 0, deadline)) return;
  const what = `none of ${requests.length} requests was over within ${options.timeoutMs} ms`;
  throw new SysletsError('aio_suspend', -EAGAIN, what);
}

/** Sleeps, and ends what completes meanwhile, until `isTrue`: true; false after the deadline. */
export function waitUntil(isTrue: () => boolean, deadline = Number.POSITIVE_INFINITY): boolean {
  const { loop } = engine();
  loop.reap();
  while (!isTrue()) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    loop.wait(left);
  }
  return true;
}

function isOver(request: Request): boolean {
  return !request.inFlight;
}

/** The requests of a list, without its null entries. */
export function requestsOf(name: string, list: readonly (Aiocb | null)[]): readonly Request[] {
  if (!Array.isArray(list)) throw new TypeError(expected(name, list, 'an array of Aiocb or null'));
  return list.flatMap((cb) => (cb === null ? [] : [requestOf(cb)]));
}

function checkTimeout(timeoutMs: unknown = Number.POSITIVE_INFINITY): number {
  if (typeof timeoutMs !== 'number') {
    throw new TypeError(expected('timeoutMs', timeoutMs, 'a number'));
  }
  if (timeoutMs >= 0) return timeoutMs;
  throw new RangeError(expected('timeoutMs', timeoutMs, 'zero or more'));
}
