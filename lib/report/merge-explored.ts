import { readFileSync } from 'node:fs';
import {
  type Coverage,
  EXPLORE_FORMAT,
  EXPLORE_VERSION,
  type ExploredEnd,
  type ExploredMachine,
  type ExploredScenario,
  type ExploreResult,
} from './explore-result.ts';
import { ResultFileError } from './result-error.ts';

/** Whether a file is what `syslets explore` wrote; files of stress are others' to read. */
export function isExploredFile(file: string): boolean {
  try {
    return readFileSync(file, 'utf8').startsWith(`{"format":"${EXPLORE_FORMAT}"`);
  } catch {
    return false;
  }
}

/** Reads what `syslets explore` wrote; throws ResultFileError. */
export function readExplored(file: string): ExploreResult {
  const value = parsed(file);
  const { version, scenarios } = Object(value) as Partial<ExploreResult>;
  if (version !== EXPLORE_VERSION) {
    const wrong = `is of version ${JSON.stringify(version)}, expected ${EXPLORE_VERSION}`;
    throw new ResultFileError(file, wrong, 'run `syslets explore` of this version again');
  }
  if (!Array.isArray(scenarios) || !scenarios.every(isExplored)) {
    throw new ResultFileError(file, 'is damaged', 'run `syslets explore` again');
  }
  return value as ExploreResult;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const wrong = `is damaged: ${(error as Error).message}`;
    throw new ResultFileError(file, wrong, 'copy it again, or run `syslets explore` again');
  }
}

function isExplored(value: unknown): value is ExploredScenario {
  const { name, machines, outcomes } = Object(value) as Partial<ExploredScenario>;
  return typeof name === 'string' && Array.isArray(machines) && Array.isArray(outcomes);
}

/**
 * The scenarios of several runs. Of one that was explored twice the run that claims more counts;
 * parts of one search are added up, and random executions of other seeds.
 */
export function mergeExplored(results: readonly ExploreResult[]): readonly ExploredScenario[] {
  const merged = new Map<string, ExploredScenario>();
  for (const scenario of results.flatMap(({ scenarios }) => scenarios)) {
    const key = JSON.stringify([scenario.name, scenario.source]);
    const known = merged.get(key);
    merged.set(key, known ? both(known, scenario) : scenario);
  }
  return [...merged.values()].map((one) => ({ ...one, machines: one.machines.map(claimed) }));
}

function both(a: ExploredScenario, b: ExploredScenario): ExploredScenario {
  const kinds = new Set([...a.machines, ...b.machines].map(({ machine }) => machine));
  const machines = [...kinds].map((kind) => {
    const [one, other] = [a, b].map(({ machines: all }) =>
      all.find(({ machine }) => machine === kind),
    );
    return one && other ? stronger(one, other) : ((one ?? other) as ExploredMachine);
  });
  const failure = a.failure ?? b.failure;
  const { actors } = a.failure || !b.failure ? a : b;
  const model = a.model?.isComplete ? a.model : (b.model ?? a.model);
  const { noSchedule = b.noSchedule, ...facts } = a;
  const shown = failure ? { failure } : noSchedule === undefined ? {} : { noSchedule };
  return { ...facts, actors, machines, ...(model ? { model } : {}), ...shown };
}

/** Without all of its parts a search claims nothing; chance never does. */
function claimed(machine: ExploredMachine): ExploredMachine {
  const { parts, ...coverage } = machine.coverage;
  if (!parts || coverage.kind === 'random') return machine;
  if (parts.have.length === parts.of) return { ...machine, coverage };
  const missing = Array.from({ length: parts.of }, (_, index) => index + 1).filter(
    (index) => !parts.have.includes(index),
  );
  const why = `part ${missing.join(', ')} of ${parts.of} is missing`;
  return { ...machine, coverage: { ...coverage, kind: 'part', why } };
}

/** Kinds of coverage, those that claim least first. */
export const CLAIMS = ['part', 'random', 'preemptions', 'reduced', 'all'];

function stronger(a: ExploredMachine, b: ExploredMachine): ExploredMachine {
  if (isOtherPart(a.coverage, b.coverage)) return added(a, b);
  const [one, other] = [a, b].map(({ coverage }) => CLAIMS.indexOf(coverage.kind));
  const isOtherChance = a.coverage.kind === 'random' && a.coverage.seed !== b.coverage.seed;
  if (one === other && isOtherChance) return added(a, b);
  const isFirst = one !== other ? (one ?? 0) > (other ?? 0) : !isWider(b.coverage, a.coverage);
  return isFirst ? alsoWith(a, b) : alsoWith(b, a);
}

/** Whether it is all within wider bounds: that on preemptions counts first. */
function isWider(one: Coverage, other: Coverage): boolean {
  const [[preemptions, delays], [others, othersDelays]] = [boundsOf(one), boundsOf(other)];
  return preemptions !== others ? preemptions > others : delays > othersDelays;
}

const NO_BOUND = Number.POSITIVE_INFINITY;

/** Of preemptions and delayed stores; of a part the bound that was searched whole. */
function boundsOf({ kind, preemptions, delays, within }: Coverage): readonly [number, number] {
  if (kind === 'part') return [within?.preemptions ?? -1, NO_BOUND];
  return [preemptions ?? NO_BOUND, delays ?? NO_BOUND];
}

/** What the weaker run has found and the other has not holds all the same; of all there is no more. */
function alsoWith(strong: ExploredMachine, weak: ExploredMachine): ExploredMachine {
  // of a structure, runs of other programs see other ends
  const { kind: claim, programs } = claimed(strong).coverage;
  if (claim === 'all' && !programs) return strong;
  const isKnown = (end: ExploredEnd) =>
    strong.ends.some(({ kind, text }) => kind === end.kind && text === end.text);
  return { ...strong, ends: [...strong.ends, ...weak.ends.filter((end) => !isKnown(end))] };
}

function isOtherPart(a: Coverage, b: Coverage): boolean {
  if (a.kind !== b.kind || a.seed !== b.seed || a.strategy !== b.strategy) return false;
  if (!a.parts || a.parts.of !== b.parts?.of) return false;
  return !b.parts.have.some((one) => a.parts?.have.includes(one));
}

function joined(a: Coverage, b: Coverage): Pick<Coverage, 'parts'> {
  if (!a.parts || !b.parts || !isOtherPart(a, b)) return {};
  const have = [...a.parts.have, ...b.parts.have].sort((one, other) => one - other);
  return { parts: { have, of: a.parts.of } };
}

function added(a: ExploredMachine, b: ExploredMachine): ExploredMachine {
  const ends = new Map(a.ends.map((end) => [`${end.kind} ${end.text}`, end]));
  for (const end of b.ends) {
    const key = `${end.kind} ${end.text}`;
    const known = ends.get(key);
    const executions = String(BigInt(end.executions) + BigInt(known?.executions ?? 0));
    ends.set(key, { ...end, executions });
  }
  const sum = BigInt(a.coverage.executions) + BigInt(b.coverage.executions);
  const { parts: _, ...common } = a.coverage;
  const coverage = { ...common, executions: String(sum), ...joined(a.coverage, b.coverage) };
  const ms = a.ms === undefined || b.ms === undefined ? {} : { ms: a.ms + b.ms };
  return { ...a, ...ms, ends: [...ends.values()], coverage };
}
