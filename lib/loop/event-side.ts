import { setImmediate } from 'node:timers';
import { native } from '../native.ts';
import type { CompletionRing } from '../ring/index.ts';

/**
 * The event loop's side of a ring: an eventfd that libuv polls, and that the completions of a batch
 * write once. It keeps the process alive while calls are pending that are to do so.
 */
export class EventSide {
  readonly #ring: CompletionRing;
  readonly #onReady: () => void;
  #polled = false;
  #armed = false;
  #refs = 0;

  constructor(ring: CompletionRing, onReady: () => void) {
    this.#ring = ring;
    this.#onReady = onReady;
  }

  readonly #ready = (): void => {
    this.#armed = false;
    this.#onReady();
  };

  /** Before the first call: one that is pending cannot be told of an eventfd that cannot be had. */
  open(): void {
    native().pollRing(this.#ring.address, this.#ready);
    this.#polled = true;
  }

  /**
   * The next completion calls back, once. Arming looks at the ring once more (partner: the
   * completer's barrier between its store and its look at the mark). What is there already is
   * called back for, but not here: who brought us here has not told yet whom to tell.
   */
  arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    if (!native().pollArm()) setImmediate(this.#ready);
  }

  /** One more call keeps the process alive. */
  ref(): void {
    if (this.#refs++ === 0) native().pollRef(true);
  }

  unref(): void {
    if (--this.#refs === 0 && this.#polled) native().pollRef(false);
  }

  close(): void {
    if (this.#polled) native().pollClose();
    this.#polled = false;
  }
}
