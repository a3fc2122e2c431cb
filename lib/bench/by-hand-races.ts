import type { HandRace } from './by-hand.ts';
import {
  A,
  C,
  D,
  everyOther,
  isPairWhole,
  isWideWhole,
  missesEvent,
  phases,
  pop,
  putItem,
  raiseEvent,
  sections,
  storePair,
  storeWide,
  takeItem,
  type Words,
} from './flawed.ts';

const takesNothing = (words: Words) => takeItem(words) <= 0;

/** Nothing wrong can be seen by this thread. */
function quiet(run: (words: Words) => unknown): (words: Words) => boolean {
  return (words) => {
    run(words);
    return false;
  };
}

/** What the scenarios of the same names in races/ look for. */
export const handRaces: Readonly<Record<string, HandRace>> = {
  'barrier-reentry': { threads: [(words) => phases(words, C, D), (words) => phases(words, D, C)] },
  'early-release': {
    threads: [quiet((words) => storePair(words, 1)), (words) => !isPairWhole(words)],
  },
  'mutex-without-recheck': { threads: [sections, sections] },
  'index-moved-back': {
    threads: [(words) => everyOther(words, 1), (words) => everyOther(words, 2)],
  },
  'pop-past-the-end': {
    threads: [quiet(pop), quiet(pop)],
    setup: (words) => {
      words[A] = 1;
    },
    isWrong: (words) => words[A] === -1,
  },
  'lost-wake-up': { threads: [missesEvent, quiet(raiseEvent)] },
  'no-recheck': {
    threads: [
      takesNothing,
      takesNothing,
      quiet((words) => {
        putItem(words);
        putItem(words);
      }),
    ],
  },
  'torn-wide-value': {
    threads: [quiet((words) => storeWide(words, 1)), (words) => !isWideWhole(words)],
  },
};
