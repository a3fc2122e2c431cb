import type { ModelSays, OutcomeRule } from '../scenario/index.ts';
import type { ExploredEnd, ExploredModel, ExploredScenario } from './explore-result.ts';
import type { Seen } from './explore-seen.ts';
import { matchText, ruleMatcher } from './rule-matcher.ts';

/** What ECMAScript's memory model says of an end: the column MODEL. */
export type ModelVerdict = ModelSays | 'too large';

type End = Pick<ExploredEnd, 'kind' | 'text'>;

/** Undefined where nothing is known: of hangs, and of errors beside them, where there is a race. */
export function modelVerdict(model: ExploredModel, { kind, text }: End): ModelVerdict | undefined {
  if (model.allowed.some((one) => one.kind === kind && one.text === text)) return 'allowed';
  const isDecided = model.by === 'race-free' || kind === 'outcome';
  if (!isDecided) return undefined;
  return model.isComplete ? 'forbidden' : 'too large';
}

/** What the model says of a row: allowed if one of the outcomes is that it is for. */
export function ruleVerdict(
  rules: readonly OutcomeRule[],
  rule: OutcomeRule,
  model: ExploredModel,
): ModelVerdict {
  const ruleOf = ruleMatcher(rules);
  const isAllowed = outcomesOf(model).some((text) => ruleOf(text) === rule);
  if (isAllowed) return 'allowed';
  return model.isComplete ? 'forbidden' : 'too large';
}

function outcomesOf({ allowed }: ExploredModel): readonly string[] {
  return allowed.filter(({ kind }) => kind === 'outcome').map(({ text }) => text);
}

/** Rows whose author wrote what the model does not say. */
export function wrongMarks({ outcomes, model }: ExploredScenario): readonly string[] {
  if (!model) return [];
  return outcomes.flatMap((rule) => {
    if (rule.model === undefined) return [];
    const says = ruleVerdict(outcomes, rule, model);
    if (says === rule.model || says === 'too large') return [];
    return [
      `the row ${matchText(rule)} says model: '${rule.model}', and the memory model says ${says}. Leave the mark out: it is computed`,
    ];
  });
}

export interface ModelFinding {
  readonly kind: 'not in your table' | 'not seen here';
  readonly outcomes: readonly string[];
}

/** What the model allows and the table does not, and what only other processors may show. */
export function modelFindings(scenario: ExploredScenario, seen?: Seen): readonly ModelFinding[] {
  const { model, machines, outcomes } = scenario;
  if (!model) return [];
  const ruleOf = ruleMatcher(outcomes);
  const allowed = outcomesOf(model);
  const strange = allowed.filter((text) => (ruleOf(text)?.expect ?? 'forbidden') === 'forbidden');
  const here = new Set(
    machines.flatMap(({ ends }) =>
      ends.filter(({ kind }) => kind === 'outcome').map(({ text }) => text),
    ),
  );
  const samples = seen?.get(scenario.name);
  const unseen = allowed.filter(
    (text) => !here.has(text) && !samples?.get(text) && !strange.includes(text),
  );
  const all: readonly ModelFinding[] = [
    { kind: 'not in your table', outcomes: strange },
    { kind: 'not seen here', outcomes: unseen },
  ];
  return all.filter((finding) => finding.outcomes.length > 0);
}

const SENTENCES = {
  'not in your table': 'allowed by the model, not in your table',
  'not seen here': 'not seen here, other processors may show it',
} as const;

/** More outcomes than these are counted. */
const SHOWN = 6;

export function findingText({ kind, outcomes }: ModelFinding): string {
  const more = outcomes.length > SHOWN ? ` and ${outcomes.length - SHOWN} more` : '';
  const shown = outcomes.slice(0, SHOWN).map((text) => `(${text})`);
  return `${SENTENCES[kind]}: ${shown.join(' ')}${more}`;
}

/** How the model's answers were found. */
export function modelCoverage(model: ExploredModel): string {
  const { by, isComplete, why = '', candidates, race } = model;
  if (by === 'race-free') {
    return isComplete
      ? 'no data race: the model allows what sc does'
      : `too large: ${why}; what sc does is allowed`;
  }
  const pair = race ? `; ${race.first} races with ${race.second}` : '';
  if (!isComplete) return `too large: ${why}; what sc does is allowed${pair}`;
  return `by the axioms, ${candidates} candidate executions${pair}`;
}
