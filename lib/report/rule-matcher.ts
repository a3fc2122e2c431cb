import type { OutcomeRule } from '../scenario/index.ts';

/** Finds the first rule of a table that matches an outcome. */
export type RuleMatcher = (outcome: string) => OutcomeRule | undefined;

interface Pattern {
  readonly index: number;
  readonly regExp: RegExp;
}

/** Exact rules are looked up, so that a long table costs an outcome no more than a short one. */
export function ruleMatcher(rules: readonly OutcomeRule[]): RuleMatcher {
  const exact = new Map<string, number>();
  const patterns: Pattern[] = [];
  for (const [index, { match }] of rules.entries()) {
    if ('pattern' in match)
      patterns.push({ index, regExp: new RegExp(match.pattern, match.flags) });
    else if (!exact.has(match.exact)) exact.set(match.exact, index);
  }
  return (outcome) => {
    const found = exact.get(outcome) ?? rules.length;
    const earlier = patterns.find(({ index, regExp }) => index < found && matches(regExp, outcome));
    return rules[earlier?.index ?? found];
  };
}

/** Sticky and global ones go on from where they last ended, unless told. */
function matches(regExp: RegExp, outcome: string): boolean {
  regExp.lastIndex = 0;
  return regExp.test(outcome);
}

/** What a rule matches, as a table shows it. */
export function matchText({ match }: OutcomeRule): string {
  return 'exact' in match ? match.exact : `/${match.pattern}/${match.flags}`;
}
