import type { GradedOutcome } from './grade.ts';
import { counted } from './numbers.ts';

/** A pattern may match thousands of outcomes: so many of them are shown, and the rest counted. */
export const SHOWN_PER_PATTERN = 12;

/** The same for outcomes that no rule names. Each one that is shown is shown whole. */
export const SHOWN_UNLISTED = 50;

interface Group {
  readonly limit: number;
  readonly name: string;
  count: number;
  hidden: number;
  samples: number;
  frequency: number;
  first: GradedOutcome | undefined;
}

/** The rows that people are shown: all exact ones, and of each group the most frequent. */
export function shortened(outcomes: readonly GradedOutcome[]): GradedOutcome[] {
  const groups = new Map<string, Group>();
  const kept = outcomes.filter((outcome) => {
    const name = outcome.listed ? outcome.pattern : 'no rule';
    return name === undefined || isShown(groupOf(groups, name, outcome), outcome);
  });
  return [...kept, ...[...groups.values()].flatMap(hiddenRow)];
}

function groupOf(groups: Map<string, Group>, name: string, { listed }: GradedOutcome): Group {
  const known = groups.get(name);
  if (known) return known;
  const limit = listed ? SHOWN_PER_PATTERN : SHOWN_UNLISTED;
  const fresh = { limit, name, count: 0, hidden: 0, samples: 0, frequency: 0, first: undefined };
  groups.set(name, fresh);
  return fresh;
}

function isShown(group: Group, outcome: GradedOutcome): boolean {
  group.count += 1;
  if (group.count <= group.limit) return true;
  group.hidden += 1;
  group.samples += outcome.samples;
  group.frequency += outcome.frequency;
  group.first ??= outcome;
  return false;
}

function hiddenRow({ first, hidden, name, samples, frequency }: Group): GradedOutcome[] {
  if (!first) return [];
  const by = first.listed ? `by ${name}` : 'by no rule';
  return [{ ...first, outcome: `${counted(hidden, 'more outcome')} ${by}`, samples, frequency }];
}
