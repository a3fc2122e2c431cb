import type { AtomicField } from '../../abi/index.ts';
import { Kernel, NR, type SysletCall } from '../../kernel/index.ts';
import { native } from '../../native.ts';
import type { CompletionRing } from '../../ring/index.ts';

/** How an actor's call ended: at once on its own thread, or in the ring. */
export const INLINE = 1;
export const HANDED_OVER = 2;

/** A completion that is not there after so many looks is not there. */
const LOOKS_BEYOND = 50;

const FUTEX_WAIT_PRIVATE = 128;
const FUTEX_WAKE_PRIVATE = 129;
const EVERYBODY = 0x7fff_ffff;

/** Uses of a context before the next one. */
const USES = 64;

/** A thread's context, attached when an actor first needs it. */
export class SysletThread {
  static #own: SysletThread | undefined;
  static #uses = 0;
  readonly kernel: Kernel;
  /** futexWait; the word is its first argument. */
  readonly waiting: SysletCall;
  readonly #wake: SysletCall;

  private constructor(kernel = Kernel.attach()) {
    this.kernel = kernel;
    this.waiting = futexWait(kernel);
    this.#wake = this.kernel.newCall(NR.futex).setArg(1, FUTEX_WAKE_PRIVATE).setArg(2, EVERYBODY);
  }

  /** Of the calling thread. */
  static own(): SysletThread {
    SysletThread.#own ??= new SysletThread();
    return SysletThread.#own;
  }

  /**
   * Of the calling thread, attached anew every so many uses: a context races otherwise in its first calls,
   * and a watcher that samples claims a call some microseconds after it has looked. No call may be in flight.
   */
  static anew(): SysletThread {
    if (SysletThread.#uses++ % USES === 0) {
      SysletThread.detach();
      const isOdd = SysletThread.#uses % (2 * USES) === 1;
      SysletThread.#own = new SysletThread(isOdd ? Kernel.attach() : attachSampled());
    }
    return SysletThread.own();
  }

  /** For `close`: any number of times. */
  static detach(): void {
    SysletThread.#own?.kernel[Symbol.dispose]();
    SysletThread.#own = undefined;
  }

  /** Sets the word, and wakes who sleeps on it. */
  wake({ words, address }: FutexWord): void {
    Atomics.store(words, 0, 1);
    this.#wake.setArg(0, address).run();
  }
}

/** With another watcher, where the host's files show what it looks for. */
function attachSampled(): Kernel {
  try {
    return Kernel.attach({ watcher: 'sampler' });
  } catch {
    return Kernel.attach();
  }
}

/** Looks for the other actor before the processor is given up: about as long as a wake-up takes. */
export const LOOKS = 10_000;
/** Looks for a completion, whose task may share the carrier's processor and get none before that sleeps. */
const LOOKS_FOR_COMPLETION = 300;
/** Whoever sleeps is woken; where that is what fails, it looks again. */
const SLEEP_MS = 2;
/** A hand-off begins some microseconds after the call, and takes about as long: in empty rounds. */
const LONGEST_PAUSE = 20_000;
const SHORT_RATHER = 3;

/** Waits for the caller to be about to call, and then for a while that always differs. */
export function awaitCaller(ready: AtomicField<number>): void {
  awaitReady(ready);
  pause(Math.random() ** SHORT_RATHER * LONGEST_PAUSE);
}

/** Waits for the other actor to be there. */
export function awaitReady(ready: AtomicField<number>): void {
  for (let i = 0; ready.load() === 0; i++) if (i > LOOKS) ready.wait(0, SLEEP_MS);
}

/** Tells whoever waits for the caller. */
export function isReady(ready: AtomicField<number>): void {
  ready.store(1);
  ready.notify();
}

function pause(rounds: number): void {
  for (let i = 0; i < rounds; i++);
}

/** How much longer or shorter the next pause is. */
const STEP = 1.25;
/** Every other pause: a call that is over at once may still be claimed. */
const SHORT_PAUSE = 20;

/**
 * A pause that meets a moment which moves: as often too long as too short. When a call is handed over
 * depends on what the watcher does just then.
 */
export class Aim {
  #rounds = LONGEST_PAUSE / 8;
  #isShort = false;

  /** Waits for the caller to be about to call, and then about as long as the moment is away. */
  await(ready: AtomicField<number>): void {
    awaitReady(ready);
    this.pause();
  }

  /** About as long as the moment is away, from now on. */
  pause(): void {
    this.#isShort = !this.#isShort;
    pause(Math.random() * (this.#isShort ? SHORT_PAUSE : 2 * this.#rounds));
  }

  /** Whether the moment had gone by. */
  learn(wasLate: boolean): void {
    if (this.#isShort) return;
    const rounds = wasLate ? this.#rounds / STEP : this.#rounds * STEP;
    this.#rounds = Math.min(Math.max(rounds, 1), 8 * LONGEST_PAUSE);
  }
}

/** A call that sleeps until the word is set; -EAGAIN if it is already. */
export function futexWait(kernel: Kernel): SysletCall {
  return kernel.newCall(NR.futex).setArg(1, FUTEX_WAIT_PRIVATE);
}

/** The word that a blocking call sleeps on, in a `sharedBuffer`. */
export interface FutexWord {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly address: bigint;
}

/** For `open`, in each thread. */
export function futexWord(buffer: SharedArrayBuffer): FutexWord {
  const words = new Int32Array(buffer);
  return { words, address: native().addressOf(words) };
}

export interface CallEnd {
  readonly how: number;
  readonly status: number;
  /** Completions that have come for this one call. */
  readonly completions: number;
}

/** Makes the call; waits for its completion if there is to be one, and looks if there are more. */
export function runToEnd(
  call: SysletCall,
  kernel: Kernel,
  onHandedOver: () => void = () => undefined,
): CallEnd {
  const given = call.run();
  if (call.pending) onHandedOver();
  let [status, completions] = [given, 0];
  const see = (value: number): void => {
    status = value;
    completions++;
  };
  const { pending } = call;
  awaitCompletions(kernel.ring, pending ? 1 : 0, see);
  for (let i = 0; i < LOOKS_BEYOND; i++) kernel.ring.reap(see);
  return { how: pending ? HANDED_OVER : INLINE, status, completions };
}

/** Reaps until so many have come; how many more came with the last. Sleeps after so many looks. */
export function awaitCompletions(
  ring: CompletionRing,
  count: number,
  onCompletion: (status: number, callerData: number) => void,
  looks = LOOKS_FOR_COMPLETION,
): number {
  let missing = count;
  for (let look = 0; missing > 0; look++) {
    if (look > looks) ring.wait({ timeoutMs: SLEEP_MS });
    missing -= ring.reap(onCompletion);
  }
  return -missing;
}
