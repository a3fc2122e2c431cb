import type { ExploredFailure } from '../report/explore-result.ts';
import type { Found } from '../stress/discover.ts';
import { type Execution, execute } from './execution.ts';
import { explained } from './explain.ts';
import { describedFailure } from './explore-scenario.ts';
import { Step, stepActor, stepKind } from './machine.ts';
import { digestOf, readReplay } from './replay-string.ts';
import { scenarioProgram } from './scenario-program.ts';

export interface Replayed {
  readonly failure: ExploredFailure;
  /** The first operation that is not as recorded; undefined if all are. */
  readonly difference: string | undefined;
}

/**
 * Makes a recorded execution again and holds each operation against the record. From the first
 * difference on nothing is sure: it ends there, or goes on by the rules (the actor that ran last,
 * as long as it can) if `goOn` says so.
 */
export function replay(
  found: Found,
  text: string,
  { goOn, patienceMs }: { readonly goOn: boolean; readonly patienceMs?: number | undefined },
): Replayed {
  const recorded = readReplay(text, found);
  const program = scenarioProgram(found, { patienceMs });
  let impossible: number | undefined;
  let index = 0;
  const execution = execute(program, recorded.machines, (possible) => {
    const wanted = recorded.steps[index++];
    if (wanted !== undefined && possible.includes(wanted)) return wanted;
    impossible ??= index;
    if (!goOn) return undefined;
    return possible.find((step) => stepKind(step) === Step.access) ?? possible[0];
  });
  const changed = firstChange(execution, recorded.digests);
  const at = Math.min(changed ?? Number.POSITIVE_INFINITY, impossible ?? Number.POSITIVE_INFINITY);
  const failure = describedFailure(found, program, execution);
  if (at === Number.POSITIVE_INFINITY && execution.steps.length === recorded.steps.length) {
    return { failure, difference: undefined };
  }
  const row = explained(program, execution).steps[at - 1];
  const what = row
    ? `${program.actors[row.actor]} does \`${row.text}\`${row.site === '' ? '' : ` (${row.site})`}, which is not what was recorded`
    : `${actorAt(program.actors, recorded.steps[at - 1])} cannot go on as recorded`;
  const why = recorded.isSameSource ? '' : ' The source of the scenario has changed since.';
  return { failure, difference: `step ${at}: ${what}.${why}` };
}

function actorAt(actors: readonly string[], step: number | undefined): string {
  return step === undefined ? 'an actor' : (actors[stepActor(step)] ?? 'an actor');
}

function firstChange({ operations }: Execution, digests: string): number | undefined {
  const at = operations.findIndex((one, index) => digestOf(one) !== digests[index]);
  return at < 0 ? undefined : at + 1;
}
