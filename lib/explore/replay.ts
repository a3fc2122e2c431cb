import { isDeepStrictEqual } from 'node:util';
import {
  type Program as OperationsProgram,
  parseProgram,
  programText,
} from '../linearizability/index.ts';
import type { ExploredFailure } from '../report/explore-result.ts';
import type { Found } from '../stress/discover.ts';
import { ExploreError } from './error.ts';
import { type Execution, execute } from './execution.ts';
import { explained } from './explain.ts';
import { badEnds, describedFailure, replayKey } from './explore-scenario.ts';
import { Step, stepActor, stepKind } from './machine.ts';
import { digestOf, type Recorded, type ReplayKey, readReplay } from './replay-string.ts';
import { type ScenarioProgram, scenarioProgram } from './scenario-program.ts';
import { type FoundStructure, isStructure, StructureRealms } from './structure-program.ts';

export interface Replayed {
  readonly actors: readonly string[];
  readonly failure: ExploredFailure;
  /** Whether its end is wrong: the schedule of an outcome that is right can be made again, too. */
  readonly isWrong: boolean;
  /** The first operation that is not as recorded; undefined if all are. */
  readonly difference: string | undefined;
}

interface ReplayOptions {
  /** From the first difference on, goes on by the rules. */
  readonly goOn: boolean;
  readonly patienceMs?: number | undefined;
  /** Of a structure: the program that the schedule is of. */
  readonly program?: string | undefined;
}

/**
 * Makes a recorded execution again and holds each operation against the record. From the first
 * difference on nothing is sure: it ends there, or goes on by the rules (the actor that ran last,
 * as long as it can) if `goOn` says so.
 */
export function replay(found: Found, text: string, options: ReplayOptions): Replayed {
  try {
    return replayed(found, text, options);
  } catch (error) {
    if (!(error instanceof ExploreError)) throw error;
    throw new ExploreError(`${found.name}: ${error.message}`);
  }
}

function replayed(found: Found, text: string, options: ReplayOptions): Replayed {
  const recorded = readReplay(text, keyOf(found, options.program));
  const { program, execution, at } = remade(found, recorded, options);
  const { actors } = program;
  const failure = describedFailure(found, program, execution);
  const isWrong = execution.end !== undefined && badEnds(found.scenario)(execution.end);
  if (at === undefined) return { actors, failure, isWrong, difference: undefined };
  const row = explained(program, execution).steps[at - 1];
  const what = row
    ? `${actors[row.actor]} does \`${row.text}\`${row.site === '' ? '' : ` (${row.site})`}, which is not what was recorded`
    : `${actorAt(actors, recorded.steps[at - 1])} cannot go on as recorded`;
  const why = recorded.isSameSource ? '' : ' The source of the scenario has changed since.';
  return { actors, failure, isWrong, difference: `step ${at}: ${what}.${why}` };
}

/**
 * Makes a recorded execution again so many times, each with actors that begin anew, and counts those
 * with every operation as recorded and with this end.
 */
export function replayOften(
  found: Found,
  text: string,
  end: ExploredFailure['end'],
  times: number,
  program?: string,
) {
  const recorded = readReplay(text, keyOf(found, program));
  let same = 0;
  for (let time = 0; time < times; time++) {
    const { execution, at } = remade(found, recorded, { goOn: false, program });
    same += Number(at === undefined && isDeepStrictEqual(execution.end, end));
  }
  return same;
}

interface Remade {
  readonly program: ScenarioProgram;
  readonly execution: Execution;
  /** The first step that is not as recorded; undefined if all are. */
  readonly at: number | undefined;
}

/** @throws ExploreError where a structure's schedule is given without its program. */
function keyOf(found: Found, program: string | undefined): ReplayKey {
  if (!isStructure(found)) return replayKey(found, undefined);
  return replayKey(found, programText(givenProgram(found, program)));
}

function givenProgram(found: FoundStructure, program: string | undefined): OperationsProgram {
  if (program !== undefined) return parseProgram(program, found.scenario.structure);
  throw new ExploreError(
    `--replay of a linearizable needs --program, too: the schedule is of one program`,
  );
}

function remade(found: Found, recorded: Recorded, options: ReplayOptions): Remade {
  const { goOn, patienceMs } = options;
  const program = isStructure(found)
    ? new StructureRealms(found, { patienceMs }).program(
        givenProgram(found, options.program),
        recorded.machines,
      )
    : scenarioProgram(found, { patienceMs });
  let impossible = Number.POSITIVE_INFINITY;
  let index = 0;
  const execution = execute(program, recorded.machines, (possible) => {
    const wanted = recorded.steps[index++];
    if (wanted !== undefined && possible.includes(wanted)) return wanted;
    impossible = Math.min(impossible, index);
    if (!goOn) return undefined;
    return possible.find((step) => stepKind(step) === Step.access) ?? possible[0];
  });
  const at = Math.min(firstChange(execution, recorded.digests), impossible);
  const isSame =
    at === Number.POSITIVE_INFINITY && execution.steps.length === recorded.steps.length;
  return { program, execution, at: isSame ? undefined : at };
}

function actorAt(actors: readonly string[], step: number | undefined): string {
  return step === undefined ? 'an actor' : (actors[stepActor(step)] ?? 'an actor');
}

function firstChange({ operations }: Execution, digests: string): number {
  const at = operations.findIndex((one, index) => digestOf(one) !== digests[index]);
  return at < 0 ? Number.POSITIVE_INFINITY : at + 1;
}
