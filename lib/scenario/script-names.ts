import { ScenarioError } from './error.ts';

/** An expression that gives the values of these names as an object. */
export function pickSource(names: readonly string[]): string {
  const pick = names.map(
    (name) => `${checkedName(name)}: typeof ${name} === 'undefined' ? undefined : ${name}`,
  );
  return `{ ${pick.join(', ')} }`;
}

/** @throws ScenarioError unless each name is there. */
export function withAllNames<T extends object>(
  found: T,
  names: readonly (keyof T & string)[],
  where: string,
): T {
  const missing = names.find((name) => found[name] === undefined);
  if (missing === undefined) return found;
  throw new ScenarioError(`${where} defines no ${missing}; expected ${names.join(', ')}`);
}

function checkedName(name: string): string {
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return name;
  throw new ScenarioError(`${JSON.stringify(name)} is no name that a script can define`);
}
