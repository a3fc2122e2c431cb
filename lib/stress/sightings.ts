import { ruleMatcher } from '../report/rule-matcher.ts';
import type { OutcomeRule } from '../scenario/index.ts';
import { epochMs } from './epoch.ts';

/** When an outcome was seen first: milliseconds since 1970, and samples before it. */
export interface Sighting {
  readonly outcome: string;
  readonly isForbidden: boolean;
  readonly at: number;
  readonly samples: number;
}

/** A scenario may have a million outcomes: those after so many are counted, and not dated. */
const MOST = 1000;

/** Tells the first sighting of each outcome once. */
export class Sightings {
  readonly #ruleOf;
  readonly #known = new Set<string>();
  readonly #tell: (sighting: Sighting) => void;

  constructor(rules: readonly OutcomeRule[], tell: (sighting: Sighting) => void) {
    this.#ruleOf = ruleMatcher(rules);
    this.#tell = tell;
  }

  /** Whether it is forbidden. */
  see(outcome: string, samples: number): boolean {
    const isForbidden = (this.#ruleOf(outcome)?.expect ?? 'forbidden') === 'forbidden';
    if (this.#known.size < MOST && !this.#known.has(outcome)) {
      this.#known.add(outcome);
      this.#tell({ outcome, isForbidden, at: epochMs(), samples });
    }
    return isForbidden;
  }
}
