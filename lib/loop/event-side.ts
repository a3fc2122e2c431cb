import { setImmediate } from 'node:timers';
import { EMFILE, ENFILE, ENOTSUP, SysletsError } from '../errors.ts';
import { eventSet, whyNoEventLoop } from '../kernel/index.ts';
import type { CompletionRing } from '../ring/index.ts';

/** Where there are none left, of this process or of the machine. */
const LACKING: Readonly<Record<string, number>> = { EMFILE, ENFILE };
/** The descriptor of an event that is the ring's. */
const RING = -1;
const EVENT_WORDS = 3;

/**
 * The event loop's side of a ring: an epoll set that libuv polls. In it are the ring's eventfd, which
 * the completions of a batch write once, and descriptors that calls wait for. It keeps the process
 * alive while calls are pending that are to do so.
 */
export class EventSide {
  readonly #ring: CompletionRing;
  readonly #events: Int32Array;
  readonly #onReady: (count: number) => void;
  #polled = false;
  #armed = false;
  #refs = 0;

  /** `onReady` is told how many events there are. */
  constructor(ring: CompletionRing, events: Int32Array, onReady: (count: number) => void) {
    this.#ring = ring;
    this.#events = events;
    this.#onReady = onReady;
  }

  readonly #ready = (count: number): void => {
    this.#look(count);
    this.#onReady(count);
  };

  readonly #unread = (): void => {
    this.#armed = false;
    this.#onReady(0);
  };

  #look(count: number): void {
    for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) {
      if (this.#events[at] === RING) this.#armed = false;
    }
  }

  /** Sleeps until there is something, `timeoutMs` at most: how many events. */
  take(timeoutMs: number): number {
    const count = eventSet().readyTake(timeoutMs);
    this.#look(count);
    return count;
  }

  /** Before the first call: one that is pending cannot be told of an eventfd that cannot be had. */
  open(): void {
    const lacking = whyNoEventLoop();
    if (lacking) throw new SysletsError('attach', ENOTSUP, `${lacking.reason}. ${lacking.remedy}`);
    try {
      eventSet().pollRing(this.#ring.address, this.#ready, this.#events);
    } catch (error) {
      throw withAdvice(error as NodeJS.ErrnoException);
    }
    this.#polled = true;
  }

  /**
   * The next completion calls back, once. Arming looks at the ring once more (partner: the
   * completer's barrier between its store and its look at the mark). What is there already is
   * called back for, but not here: who brought us here has not told yet whom to tell.
   */
  arm(): void {
    if (this.#armed || !this.#polled) return;
    this.#armed = true;
    if (!eventSet().pollArm()) setImmediate(this.#unread);
  }

  /** One more call keeps the process alive. */
  ref(): void {
    if (this.#refs++ === 0 && this.#polled) eventSet().pollRef(true);
  }

  unref(): void {
    if (--this.#refs === 0 && this.#polled) eventSet().pollRef(false);
  }

  close(): void {
    if (this.#polled) eventSet().pollClose();
    this.#polled = false;
  }
}

function withAdvice(error: NodeJS.ErrnoException): Error {
  const errno = LACKING[error.code ?? ''];
  if (errno === undefined) return error;
  return new SysletsError(
    'attach',
    errno,
    'sys needs 2 free descriptors for its events, and takes 5 more into reserve if there are some: ' +
      'close some descriptors, or raise the limit (ulimit -n), and call again',
  );
}
