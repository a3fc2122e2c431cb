import {
  ACTING,
  ARRIVED,
  AT_BARRIER,
  GENERATION,
  PHASE,
  SAMPLE,
  SLEEPERS,
  threadWord,
  WAITING,
} from './control.ts';

type Words = Int32Array<SharedArrayBuffer>;

/** Looks before a thread goes to sleep: about as long as it would take to wake it. */
export const LOOKS = 20_000;
/** On one processor every look keeps the others from arriving. */
const FEW_LOOKS = 20;
/** A sleeper looks again, since native threads cannot notify. */
const SLEEP_MS = 1;
/** A pause between two looks at the samples of native threads. */
const NAP_MS = 0.05;

export interface Barrier {
  /** Returns when all threads have arrived. */
  readonly arrive: () => void;
  /** Returns when no thread is at a sample before `sample`. */
  readonly meet: (sample: number) => void;
  /** Whether threads share a processor: then nobody looks for long. */
  readonly crowd: (isCrowded: boolean) => void;
}

/**
 * Spins, since a wake-up takes longer than most strides; but not for ever, since the thread that
 * is waited for may need this processor.
 */
export function barrier(words: Words, thread: number, threads: number, hasNative: boolean) {
  const own = threadWord(thread);
  // one word that nobody writes and nobody notifies
  const nap = new Int32Array(new SharedArrayBuffer(4));
  let looks = LOOKS;
  let meetsByArriving = false;

  const sleep = (generation: number) => {
    Atomics.add(words, SLEEPERS, 1);
    Atomics.wait(words, GENERATION, generation, SLEEP_MS);
    Atomics.sub(words, SLEEPERS, 1);
  };

  const arrive = () => {
    Atomics.store(words, own + PHASE, AT_BARRIER);
    const generation = Atomics.load(words, GENERATION);
    if (Atomics.add(words, ARRIVED, 1) === threads - 1) {
      Atomics.store(words, ARRIVED, 0);
      // Partner: the sleeper counts itself, then Atomics.wait compares. One of the two is seen.
      Atomics.store(words, GENERATION, (generation + 1) | 0);
      if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, GENERATION);
      return;
    }
    for (let look = 0; Atomics.load(words, GENERATION) === generation; look++) {
      if (look >= looks) sleep(generation);
    }
  };

  const meet = (sample: number) => {
    Atomics.store(words, own + SAMPLE, sample);
    // threads that share a processor are woken, one call for all of them
    if (meetsByArriving) arrive();
    else {
      Atomics.store(words, own + PHASE, WAITING);
      for (let other = 0; other < threads; other++) {
        const at = threadWord(other) + SAMPLE;
        for (let look = 0; Atomics.load(words, at) < sample; look++) {
          if (look >= looks) Atomics.wait(nap, 0, 0, NAP_MS);
        }
      }
    }
    Atomics.store(words, own + PHASE, ACTING);
  };

  const crowd = (isCrowded: boolean) => {
    looks = isCrowded ? FEW_LOOKS : LOOKS;
    // native threads meet by the words of samples alone
    meetsByArriving = isCrowded && !hasNative;
  };

  return { arrive, meet, crowd } satisfies Barrier;
}

/** Looks of a native thread, which is told once. */
export function looksFor(isCrowded: boolean): number {
  return isCrowded ? FEW_LOOKS : LOOKS;
}
