import { fileURLToPath } from 'node:url';
import { type NaiveRace, naiveIncrement, naiveSb } from './stress-naive.ts';

/** A bug that shows in JavaScript: as a scenario, and as one would look for it by hand. */
export interface Race {
  readonly name: string;
  /** A shipped scenario, or a file. */
  readonly scenario: string;
  readonly wrong: readonly string[];
  readonly byHand: NaiveRace;
}

const file = (name: string) => fileURLToPath(new URL(`./races/${name}.js`, import.meta.url));

export const races: readonly Race[] = [
  { name: 'sb', scenario: 'litmus/sb', wrong: ['0, 0'], byHand: naiveSb },
  { name: 'increment', scenario: 'litmus/increment', wrong: ['1'], byHand: naiveIncrement },
  {
    name: 'reader without acquire',
    scenario: file('reader-without-acquire'),
    wrong: ['1, 0'],
    byHand: {
      left: 'words[X] = 1; words[Y] = 1;',
      right: 'words[81] = words[X]; words[80] = words[Y];',
      outcome: "words[80] + ', ' + words[81]",
    },
  },
  {
    name: 'values without re-check',
    scenario: file('values-without-recheck'),
    wrong: ['0, 1', '1, 0'],
    byHand: {
      left: 'words[X] = 1; words[Y] = 1;',
      right: 'words[80] = words[X]; words[81] = words[Y];',
      outcome: "words[80] + ', ' + words[81]",
    },
  },
  {
    name: 'lock in two steps',
    scenario: file('lock-in-two-steps'),
    wrong: ['1, 1'],
    byHand: {
      left: 'let l = 0; if (Atomics.load(words, X) === 0) { Atomics.store(words, X, 1); l = 1; }',
      right:
        'words[80] = 0; if (Atomics.load(words, X) === 0) { Atomics.store(words, X, 1); words[80] = 1; }',
      outcome: "l + ', ' + words[80]",
    },
  },
];
