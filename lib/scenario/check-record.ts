import { shown } from '../check.ts';

/** Throws an error that names the scenario. */
export type Fail = (what: string) => never;

/** The members of an object, or a failure that names it. */
export function recordOf(name: string, value: unknown, fail: Fail): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  return fail(`${name} is ${shown(value)}, expected an object of named fields`);
}
