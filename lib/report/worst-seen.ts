import type { Expect, OutcomeRule } from '../scenario/index.ts';
import { type RuleMatcher, ruleMatcher } from './rule-matcher.ts';

/** The worst outcome of a run so far. */
export interface Worst {
  readonly scenario: string;
  readonly outcome: string;
  readonly expect: Expect;
}

const RANK: Readonly<Record<Expect, number>> = { acceptable: 0, interesting: 1, forbidden: 2 };

/** Looks at the counts of each trial as they come. Says the first of the worst. */
export class WorstSeen {
  readonly #matchers = new WeakMap<readonly OutcomeRule[], RuleMatcher>();
  #worst: Worst | undefined;

  get worst(): Worst | undefined {
    return this.#worst;
  }

  see(
    scenario: { readonly name: string; readonly outcomes: readonly OutcomeRule[] },
    counts: Readonly<Record<string, number>>,
  ): void {
    const ruleOf = this.#matcher(scenario.outcomes);
    for (const [outcome, count] of Object.entries(counts)) {
      const expect = ruleOf(outcome)?.expect ?? 'forbidden';
      if (count === 0 || (this.#worst && RANK[expect] <= RANK[this.#worst.expect])) continue;
      this.#worst = { scenario: scenario.name, outcome, expect };
    }
  }

  #matcher(rules: readonly OutcomeRule[]): RuleMatcher {
    const known = this.#matchers.get(rules);
    if (known) return known;
    const fresh = ruleMatcher(rules);
    this.#matchers.set(rules, fresh);
    return fresh;
  }
}
