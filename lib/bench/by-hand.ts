import type { Words } from './flawed.ts';

/** A race as one would look for it without any tool: the threads of a sample, over fresh words. */
export interface HandRace {
  /** Whether the thread has seen something wrong. */
  readonly threads: readonly ((words: Words) => boolean)[];
  /** On zeroed words. */
  readonly setup?: (words: Words) => void;
  /** When all threads are done with a sample. */
  readonly isWrong?: (words: Words) => boolean;
}

/** How the threads meet before and after each sample. */
export const MEETINGS = ['spin', 'wait'] as const;
export type Meeting = (typeof MEETINGS)[number];

/** Words of the loop's own, each on a cache line of its own. */
const [ARRIVED, GENERATION] = [0, 16];
/** How many samples were taken by now. */
export const SAMPLES = 32;
export const CONTROL_WORDS = 48;

/** Returns when all threads have come. */
function meet(control: Words, threads: number, meeting: Meeting): void {
  const generation = Atomics.load(control, GENERATION);
  if (Atomics.add(control, ARRIVED, 1) === threads - 1) {
    Atomics.store(control, ARRIVED, 0);
    Atomics.add(control, GENERATION, 1);
    if (meeting === 'wait') Atomics.notify(control, GENERATION);
    return;
  }
  while (Atomics.load(control, GENERATION) === generation) {
    if (meeting === 'wait') Atomics.wait(control, GENERATION, generation);
  }
}

export interface HandLoop {
  readonly race: HandRace;
  readonly thread: number;
  readonly words: Words;
  readonly control: Words;
  readonly meeting: Meeting;
  readonly onWrong: () => void;
}

/** Samples, one after the other, until one is wrong. */
export function loopByHand({ race, thread, words, control, meeting, onWrong }: HandLoop): void {
  const { threads, setup, isWrong } = race;
  const { length } = threads;
  const run = threads[thread] as HandRace['threads'][number];
  for (let samples = 0; ; samples++) {
    if (thread === 0) {
      control[SAMPLES] = samples;
      words.fill(0);
      setup?.(words);
    }
    meet(control, length, meeting);
    if (run(words)) break;
    meet(control, length, meeting);
    if (thread === 0 && isWrong?.(words)) break;
  }
  onWrong();
}
