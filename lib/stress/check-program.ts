import { isLinearizable } from '../linearizability/is-linearizable.ts';
import { checkStructureConfig } from './config.ts';
import type { Found } from './discover.ts';
import { StressError } from './error.ts';

/** Throws if `--config` fixes what has no meaning for any of those that were asked for. */
export function checkConfig(found: readonly Found[], text: string | undefined): void {
  if (text === undefined || !areStructures(found)) return;
  const given = Object.fromEntries(text.split(',').map((part) => part.split('=')));
  checkStructureConfig('--config', given);
}

/** Nothing but structures was asked for. */
export function areStructures(found: readonly Found[]): boolean {
  return found.length > 0 && found.every(({ scenario }) => isLinearizable(scenario));
}

/** Throws unless `--program` is one of the only structure that was asked for. */
export async function checkProgram(
  found: readonly Found[],
  program: string | undefined,
): Promise<void> {
  if (program === undefined) return;
  const [one, other] = found;
  if (!one || other) {
    throw new StressError(
      `--program is of one linearizable, and ${found.length} scenarios were asked for: name one`,
    );
  }
  if (!isLinearizable(one.scenario)) {
    throw new StressError(`--program: ${one.name} is no linearizable, its actors are its program`);
  }
  // only here: the checker takes its time to load
  const { LinearizabilityError, parseProgram } = await import('../linearizability/index.ts');
  try {
    parseProgram(program, one.scenario.structure);
  } catch (error) {
    if (!(error instanceof LinearizabilityError)) throw error;
    throw new StressError(`--program: ${error.message}`);
  }
}
