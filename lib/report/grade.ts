import type { Expect, ModelSays, OutcomeRule, Witness } from '../scenario/index.ts';
import { whyInconclusive } from './inconclusive.ts';
import type { Merged, RunFacts } from './merge.ts';
import { mergeNotes } from './merge-notes.ts';
import { byText } from './order.ts';
import type { FirstSeen, Repetition } from './result.ts';
import { matchText, ruleMatcher } from './rule-matcher.ts';
import type { OutcomeTotal, ScenarioTotals, Sighting } from './scenario-tally.ts';

/** What is said of an outcome that no rule names. */
export const UNLISTED = 'not in the table of outcomes';

/** An outcome with its place in the table; one that a rule names and nobody saw has 0 samples. */
export interface GradedOutcome {
  readonly outcome: string;
  readonly samples: number;
  /** Part of all samples, 0 to 1. */
  readonly frequency: number;
  readonly expect: Expect;
  readonly reason: string;
  /** Whether a rule of the table names it. */
  readonly listed: boolean;
  readonly model?: ModelSays;
  readonly witness?: Witness;
  /** When it was seen first. */
  readonly first?: FirstSeen;
  /** The pattern that matched it, or that matched nothing. */
  readonly pattern?: string;
  readonly best?: Sighting;
}

/**
 * Failed: something forbidden was seen, or a trial did not end well. Inconclusive: not enough was
 * seen to say that it is right.
 */
export type Verdict = 'failed' | 'inconclusive' | 'interesting' | 'passed' | 'not run';

export interface GradedScenario extends Omit<ScenarioTotals, 'outcomes'> {
  /** The name, with a number where several scenarios have it. */
  readonly title: string;
  readonly verdict: Verdict;
  readonly samplesPerSecond: number;
  readonly outcomes: readonly GradedOutcome[];
  /** Runs the worst of it again: the command of one trial. */
  readonly rerun?: string;
  /** How surely that shows it, where it was measured. */
  readonly again?: Repetition;
  /** Of that trial's samples, how many showed it. */
  readonly rerunShare?: Pick<Sighting, 'samples' | 'of'>;
  /** Why it is inconclusive, and what would suffice. */
  readonly reasons: readonly string[];
}

export interface Report {
  readonly verdict: Verdict;
  readonly runs: readonly RunFacts[];
  readonly scenarios: readonly GradedScenario[];
  readonly samples: number;
  readonly trials: number;
  /** What was found odd when the runs were put together. */
  readonly notes: readonly string[];
}

/** Grades each outcome of each scenario by the scenario's own table. */
export function grade(merged: Merged): Report {
  const titles = titlesOf(merged.scenarios);
  const archs = merged.runs.map(({ machine }) => machine.arch);
  const scenarios = merged.scenarios.map((one, i) =>
    gradeScenario(one, titles[i] ?? one.name, archs),
  );
  return {
    verdict: worst(scenarios.map(({ verdict }) => verdict)),
    runs: merged.runs,
    scenarios,
    samples: sum(scenarios, ({ samples }) => samples),
    trials: sum(scenarios, ({ trials }) => trials),
    notes: mergeNotes(merged),
  };
}

/** The worst first. */
export const VERDICTS: readonly Verdict[] = [
  'failed',
  'inconclusive',
  'interesting',
  'passed',
  'not run',
];

function worst(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((one) => verdicts.includes(one)) ?? 'not run';
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}

function titlesOf(scenarios: readonly ScenarioTotals[]): string[] {
  const seen = new Map<string, number>();
  const all = new Map<string, number>();
  for (const { name } of scenarios) all.set(name, (all.get(name) ?? 0) + 1);
  return scenarios.map(({ name }) => {
    const index = (seen.get(name) ?? 0) + 1;
    seen.set(name, index);
    return all.get(name) === 1 ? name : `${name} (version ${index} of ${all.get(name)})`;
  });
}

function gradeScenario(
  totals: ScenarioTotals,
  title: string,
  archs: readonly string[],
): GradedScenario {
  const outcomes = gradeOutcomes(totals);
  const { trials, ends, samples, ms } = totals;
  const seen = outcomes.filter((one) => one.samples > 0);
  const isBad = ends.ok + ends.cut < trials;
  const isFailed = isBad || seen.some(({ expect }) => expect === 'forbidden');
  const reasons = isFailed ? [] : whyInconclusive(totals, outcomes, archs);
  const isInteresting = seen.some(({ expect }) => expect === 'interesting');
  const ran: Verdict = isInteresting ? 'interesting' : 'passed';
  const found: Verdict = reasons.length > 0 ? 'inconclusive' : ran;
  const { command: rerun, again, share } = rerunOf(totals, seen);
  return {
    ...totals,
    title,
    verdict: isFailed ? 'failed' : trials === 0 ? 'not run' : found,
    reasons,
    samplesPerSecond: ms === 0 ? 0 : (samples * 1000) / ms,
    outcomes,
    ...(isFailed && rerun !== undefined ? { rerun } : {}),
    ...(isFailed && again !== undefined ? { again } : {}),
    ...(isFailed && share !== undefined ? { rerunShare: share } : {}),
  };
}

/** The forbidden outcome that is seen again soonest; else the first trial that did not end well. */
function rerunOf({ troubles }: ScenarioTotals, seen: readonly GradedOutcome[]): Rerun {
  const forbidden = seen.filter(({ expect }) => expect === 'forbidden');
  const [soonest] = forbidden.sort((a, b) => rate(b.best) - rate(a.best));
  if (!soonest?.best) return troubles.find(({ end }) => end !== 'cut') ?? {};
  const { samples, of } = soonest.best;
  return { ...soonest.best, share: { samples, of } };
}

interface Rerun extends Partial<Pick<Sighting, 'command' | 'again'>> {
  readonly share?: Pick<Sighting, 'samples' | 'of'>;
}

function rate(best: Sighting | undefined): number {
  return best ? best.samples / best.of : 0;
}

function gradeOutcomes({ rules, outcomes, samples }: ScenarioTotals): GradedOutcome[] {
  const ruleOf = ruleMatcher(rules);
  const used = new Set<OutcomeRule>();
  const seen = outcomes.map((total) => {
    const rule = ruleOf(total.outcome);
    if (rule) used.add(rule);
    return graded(total, samples, rule);
  });
  const unseen = rules.filter((rule) => !used.has(rule)).map(neverSeen);
  return [...seen, ...unseen].sort(byWeight);
}

function graded(
  { outcome, samples, best, first }: OutcomeTotal,
  all: number,
  rule: OutcomeRule | undefined,
): GradedOutcome {
  const frequency = all === 0 ? 0 : samples / all;
  const base = { outcome, samples, frequency, best, ...(first ? { first } : {}) };
  if (!rule) return { ...base, expect: 'forbidden', reason: UNLISTED, listed: false };
  return { ...base, ...ofRule(rule), listed: true };
}

function neverSeen(rule: OutcomeRule): GradedOutcome {
  return { outcome: matchText(rule), samples: 0, frequency: 0, ...ofRule(rule), listed: true };
}

function ofRule(rule: OutcomeRule) {
  const { expect, reason, model, witness } = rule;
  const pattern = 'pattern' in rule.match ? { pattern: matchText(rule) } : {};
  const more = witness === undefined ? {} : { witness };
  return { expect, reason, ...(model === undefined ? {} : { model }), ...more, ...pattern };
}

const EXPECTS: readonly Expect[] = ['forbidden', 'interesting', 'acceptable'];

/** What was seen and is worst comes first, then the most frequent. */
function byWeight(a: GradedOutcome, b: GradedOutcome): number {
  const weight = ({ samples, expect }: GradedOutcome) =>
    (samples > 0 ? 0 : EXPECTS.length) + EXPECTS.indexOf(expect);
  return weight(a) - weight(b) || b.samples - a.samples || byText(a.outcome, b.outcome);
}
