import { ExploreError } from '../error.ts';
import { Stopped } from '../port.ts';
import { RanTooLong, TogetherTooLong } from './limited.ts';
import type { Realm } from './realm.ts';

/** What is no fault of the code that runs. */
const PASSED_ON = [ExploreError, Stopped, TogetherTooLong];

/**
 * Runs code of a realm while nothing else runs: a setup, an arbiter. A run that had no processor for
 * so long is begun again, so `run` begins with memory as it was.
 *
 * @throws ExploreError where it threw, or has run for too long.
 */
export function runAlone(realm: Realm, step: string, run: () => void): void {
  while (!isRun(realm, step, run));
}

function isRun(realm: Realm, step: string, run: () => void): boolean {
  try {
    realm.run(run);
    return true;
  } catch (error) {
    if (error instanceof RanTooLong && error.isStarved) return false;
    if (PASSED_ON.some((kind) => error instanceof kind)) throw error;
    const why = error instanceof RanTooLong ? `has run for ${error.message}` : `threw ${error}`;
    throw new ExploreError(`${step} ${why}`);
  }
}
