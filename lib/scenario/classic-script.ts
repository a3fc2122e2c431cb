import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { ScenarioError } from './error.ts';

/**
 * What a classic script defines: code that is no module, such as one that a page loads with a
 * script element. `names` are its top-level functions, classes and variables, or globals that it
 * sets. It runs in a function of its own, so that two scenarios can load the same one.
 *
 * @throws ScenarioError where it defines no such name.
 */
export function classicScript<T extends object = Record<string, unknown>>(
  file: string | URL,
  names: readonly (keyof T & string)[],
): T {
  const path = typeof file === 'string' && !file.startsWith('file:') ? file : fileURLToPath(file);
  const pick = names.map(
    (name) => `${checkedName(name)}: typeof ${name} === 'undefined' ? undefined : ${name}`,
  );
  // a script may end in a comment without a new line
  const code = `${readFileSync(path, 'utf8')}\n;return { ${pick.join(', ')} };`;
  const found: T = compileFunction(code, [], { filename: path }).call(globalThis);
  const missing = names.find((name) => found[name] === undefined);
  if (missing === undefined) return found;
  throw new ScenarioError(`${path} defines no ${missing}; expected ${names.join(', ')}`);
}

function checkedName(name: string): string {
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return name;
  throw new ScenarioError(`${JSON.stringify(name)} is no name that a script can define`);
}
