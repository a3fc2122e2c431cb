import { readFileSync } from 'node:fs';
import {
  EXPLORE_FORMAT,
  EXPLORE_VERSION,
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
 * random executions of other seeds are added up.
 */
export function mergeExplored(results: readonly ExploreResult[]): readonly ExploredScenario[] {
  const merged = new Map<string, ExploredScenario>();
  for (const scenario of results.flatMap(({ scenarios }) => scenarios)) {
    const key = JSON.stringify([scenario.name, scenario.source]);
    const known = merged.get(key);
    merged.set(key, known ? both(known, scenario) : scenario);
  }
  return [...merged.values()];
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
  return { ...a, machines, ...(failure ? { failure } : {}) };
}

const CLAIMS = ['part', 'random', 'preemptions', 'reduced', 'all'];

function stronger(a: ExploredMachine, b: ExploredMachine): ExploredMachine {
  const [one, other] = [a, b].map(({ coverage }) => CLAIMS.indexOf(coverage.kind));
  const isOtherChance = a.coverage.kind === 'random' && a.coverage.seed !== b.coverage.seed;
  if (one === other && isOtherChance) return added(a, b);
  if (one !== other) return (one ?? 0) > (other ?? 0) ? a : b;
  return (a.coverage.preemptions ?? 0) >= (b.coverage.preemptions ?? 0) ? a : b;
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
  return { ...a, ends: [...ends.values()], coverage: { ...a.coverage, executions: String(sum) } };
}
