import { relative } from 'node:path';
import type {
  ExploredFailure,
  ExploredHistory,
  ExploredMachine,
  ExploredModel,
  ExploredScenario,
} from '../report/explore-result.ts';
import { ruleMatcher } from '../report/rule-matcher.ts';
import type { Scenario } from '../scenario/index.ts';
import { askedText, quoted } from '../stress/command.ts';
import type { Found } from '../stress/discover.ts';
import { causeOf } from './cause.ts';
import { type Execution, execute, follow } from './execution.ts';
import { explained } from './explain.ts';
import { exploreMachine, isSplit, type Watch } from './explore-machine.ts';
import { exploredModel } from './model/explored-model.ts';
import { modelOf, type SearchedStates } from './model/model.ts';
import { RaceFinder } from './model/race-finder.ts';
import type { ExploreOptions } from './options.ts';
import type { End, Machines } from './program.ts';
import { RandomWalk } from './random-walk.ts';
import { leaveIfTooLong, limitedTogether, TogetherTooLong } from './realm/limited.ts';
import { type ReplayKey, replayString } from './replay-string.ts';
import { type ScenarioProgram, scenarioProgram, whyNotExplored } from './scenario-program.ts';
import { shortestSchedule } from './shortest.ts';

/** Whether an end is wrong: everything but an outcome, and outcomes that the table forbids. */
export function badEnds({ rules }: Pick<Scenario, 'rules'>): (end: End) => boolean {
  const ruleOf = ruleMatcher(rules);
  return ({ kind, text }) => {
    if (kind !== 'outcome') return kind !== 'step limit';
    return (ruleOf(text)?.expect ?? 'forbidden') === 'forbidden';
  };
}

export function wantedEnds(
  { scenario }: Found,
  { outcome }: ExploreOptions,
): (end: End) => boolean {
  if (outcome === undefined) return badEnds(scenario);
  return ({ kind, text }) => kind === 'outcome' && text === outcome;
}

/** Explores one scenario on each kind of machine; of a failure the shortest schedule. */
export function exploreScenario(
  found: Found,
  options: ExploreOptions,
  watch: Watch,
  isMine = true,
): ExploredScenario {
  const facts = factsOf(found);
  const skipped = whyNotExplored(found.scenario);
  if (skipped !== undefined) return { ...facts, skipped, machines: [] };
  const make = () => scenarioProgram(found, options);
  const run = (program: ScenarioProgram, look: Watch) =>
    foundOut(found, program, options, look, isMine);
  return { ...facts, ...quickly(make, watch, run) };
}

export type FoundOut = Pick<ExploredScenario, 'machines' | 'model' | 'failure' | 'noSchedule'>;

/** What the result says of a scenario before it is explored. */
export function factsOf(found: Found) {
  const { definition, rules } = found.scenario;
  return {
    name: found.name,
    file: relative('.', found.file),
    source: found.source,
    description: definition.description,
    actors: Object.keys(definition.actors),
    registers: Object.keys(definition.result),
    outcomes: rules,
  };
}

/** Most programs take no time. Those that do begin anew, with a limit for each run of an actor. */
export function quickly<T>(
  make: () => ScenarioProgram,
  watch: Watch,
  run: (program: ScenarioProgram, watch: Watch) => T,
): T {
  const program = make();
  const watchTogether: Watch = (states, executions, part) => {
    leaveIfTooLong();
    return watch(states, executions, part);
  };
  try {
    return limitedTogether(() => run(program, watchTogether));
  } catch (error) {
    if (!(error instanceof TogetherTooLong)) throw error;
    return run(make(), watch);
  }
}

function foundOut(
  found: Found,
  program: ScenarioProgram,
  options: ExploreOptions,
  watch: Watch,
  isMine: boolean,
): FoundOut {
  const machines: ExploredMachine[] = [];
  let shown: ReturnType<typeof shownBy> = {};
  const isBad = wantedEnds(found, options);
  // of a scenario that is dealt out one part asks the model
  const finder = options.model && isMine ? new RaceFinder() : undefined;
  const kinds = options.machines.filter((kind) => isMine || isSplit(kind, options));
  const searches = kinds.length + (finder ? 1 : 0);
  for (const [at, kind] of kinds.entries()) {
    const explored = exploreMachine(
      program,
      kind,
      options,
      (states, executions) => watch(states, executions, (at + 1) / searches),
      kind === 'sc' ? finder : undefined,
    );
    machines.push(explored);
    const end = explored.ends.find(isBad);
    if (shown.failure || !end) continue;
    shown = shownBy(failureOf(found, program, kind, options, watch), end);
  }
  const model = finder && modelFound(program, machines, finder, options, watch);
  return { machines, ...(model ? { model } : {}), ...shown };
}

/** The failure, or why there is no schedule to the end that was met. */
export function shownBy(
  failure: ExploredFailure | string,
  { kind, text }: End,
): Pick<ExploredScenario, 'failure' | 'noSchedule'> {
  if (typeof failure !== 'string') return { failure };
  const end = kind === 'outcome' ? text : kind;
  return { noSchedule: `no shortest schedule to ${end} is shown: ${failure}` };
}

function modelFound(
  program: ScenarioProgram,
  machines: readonly ExploredMachine[],
  finder: RaceFinder,
  options: ExploreOptions,
  watch: Watch,
): ExploredModel {
  const limits = {
    maxStates: options.maxStates,
    isOver: (states: number) => watch(states, 0),
  };
  const searched = searchedStates(machines, finder, options);
  return exploredModel(program, modelOf(program, limits, searched));
}

/** What the search of all states has found already; undefined where there was none. */
function searchedStates(
  machines: readonly ExploredMachine[],
  { race }: RaceFinder,
  { search }: ExploreOptions,
): SearchedStates | undefined {
  const sc = machines.find(({ machine }) => machine === 'sc');
  if (search.kind !== 'all' || !sc) return undefined;
  return { race, isComplete: sc.coverage.kind === 'all', ends: sc.ends };
}

/** With the shortest schedule; a text where none could be had: why. */
export function failureOf(
  found: Found,
  program: ScenarioProgram,
  machines: Machines,
  options: ExploreOptions,
  watch: Watch,
  history?: HistoryFacts,
): ExploredFailure | string {
  const isBad = wantedEnds(found, options);
  const limits = { maxStates: options.maxStates, isOver: () => watch(0, 0) };
  const shortest = shortestSchedule(program, machines, isBad, limits);
  const steps =
    typeof shortest === 'string' ? randomSteps(program, machines, options, isBad) : shortest.steps;
  if (!steps) return shortest as string;
  const execution = execute(
    program,
    machines,
    follow(steps, () => undefined),
  );
  return describedFailure(found, program, execution, history);
}

/** What a search says of a history beside the schedule that makes it. */
export interface HistoryFacts extends Required<Pick<ExploredHistory, 'misfits' | 'of'>> {
  /** The program that was made small. */
  readonly original: string;
}

/** A failure with all that is said of it. */
export function describedFailure(
  found: Found,
  program: ScenarioProgram,
  execution: Execution,
  facts?: HistoryFacts,
): ExploredFailure {
  const { steps, preemptions, end, machine } = explained(program, execution);
  const cause = causeOf(program, execution, badEnds(found.scenario));
  const { calls } = program;
  const replay = replayString(replayKey(found, calls?.text), execution);
  const only = calls ? ` --program ${quoted(calls.text)}` : '';
  const command = `syslets explore ${askedText(found)}${only} --replay ${replay}`;
  const misfit = calls?.history(execution.nodes, facts?.original ?? calls.text);
  const count = facts && { misfits: facts.misfits, of: facts.of };
  return {
    machine,
    preemptions,
    end,
    steps,
    ...(cause ? { cause } : {}),
    ...(misfit ? { history: { ...misfit, ...count } } : {}),
    replay,
    command,
  };
}

/** Of a structure a schedule is of one program. */
export function replayKey({ name, source }: Found, program: string | undefined): ReplayKey {
  return { name: program === undefined ? name : `${name} ${program}`, source };
}

/** Where no shortest schedule can be had: the first one that chance found. */
function randomSteps(
  program: ScenarioProgram,
  machines: Machines,
  { search, seed }: ExploreOptions,
  isBad: (end: End) => boolean,
): readonly number[] | undefined {
  if (search.kind !== 'random') return undefined;
  const walk = new RandomWalk(program, machines, seed, search.strategy);
  for (let index = 0; index < search.executions; index++) walk.run(index);
  const [first] = walk.ends.filter(isBad).sort((a, b) => a.first - b.first);
  if (!first) return undefined;
  const steps: number[] = [];
  walk.run(first.first, steps);
  return steps;
}
