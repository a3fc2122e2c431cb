import { clearTimeout, setTimeout } from 'node:timers';
import type { Loop, Slot } from '../loop/index.ts';
import { unwatchAbort, watchAbort } from './abort-watch.ts';
import type { CheckedOptions } from './call-types.ts';
import { AbortError, TimeoutError } from './failure.ts';

const FIRST_MS = 1;
const LONGEST_MS = 64;

/**
 * Ends a call that is in flight when its signal aborts or its time is up. A signal to a thread that
 * is about to sleep does not keep it from sleeping, so the call is interrupted again until it is
 * over.
 */
export class Interruption {
  readonly #loop: Loop;
  readonly #slot: Slot;
  readonly #signal: AbortSignal | undefined;
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  #why: 'abort' | 'timeout' | undefined;
  #isOver = false;

  constructor(loop: Loop, slot: Slot, { signal, timeoutMs }: CheckedOptions) {
    this.#loop = loop;
    this.#slot = slot;
    this.#signal = signal;
    this.#timeoutMs = timeoutMs ?? Number.POSITIVE_INFINITY;
  }

  /** A signal's own addEventListener may make calls, at which this one may end. */
  start(): void {
    if (this.#timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#setTimer(this.#onTimeout, this.#timeoutMs);
    }
    if (this.#signal !== undefined) watchAbort(this.#signal, this.#onAbort);
  }

  readonly #onAbort = (): void => this.#end('abort');
  readonly #onTimeout = (): void => this.#end('timeout');

  #end(why: 'abort' | 'timeout'): void {
    if (this.#why !== undefined || this.#isOver) return;
    this.#why = why;
    this.#interrupt(FIRST_MS);
  }

  #interrupt(nextMs: number): void {
    this.#loop.interrupt(this.#slot);
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    this.#setTimer(() => this.#interrupt(Math.min(2 * nextMs, LONGEST_MS)), nextMs);
  }

  /** The timer of a call that does not keep the process alive does not either. */
  #setTimer(then: () => void, ms: number): void {
    this.#timer = setTimeout(then, ms);
    if (this.#slot.unref) this.#timer.unref();
  }

  /** The call has ended: nothing is interrupted any more. */
  over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#signal !== undefined) unwatchAbort(this.#signal, this.#onAbort);
  }

  /** Why a call that ended with EINTR did; undefined if nothing of ours did it. */
  reason(name: string): Error | undefined {
    if (this.#why === 'timeout') return new TimeoutError(name, this.#timeoutMs);
    if (this.#why === 'abort') return new AbortError(name, this.#signal as AbortSignal);
    return undefined;
  }
}
