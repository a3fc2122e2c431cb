import { utimesSync } from 'node:fs';
import { dirname } from 'node:path';

/** The folder of a program that is about to be run: builds that are not used are removed. */
export function noteUse(program: string): void {
  const now = new Date();
  try {
    utimesSync(dirname(program), now, now);
  } catch {
    // it is not built yet, or another user's
  }
}
