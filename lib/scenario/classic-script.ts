import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { pickSource, withAllNames } from './script-names.ts';

/**
 * What classic scripts define: code that is no module, such as one that a page loads with script
 * elements. Several files run one after the other and see each other's top-level names, as in a
 * page. `names` are top-level functions, classes and variables, or globals that they set. They run
 * in a function of their own, so that two scenarios can load the same one.
 *
 * @throws ScenarioError where they define no such name.
 */
export function classicScript<T extends object = Record<string, unknown>>(
  files: string | URL | readonly (string | URL)[],
  names: readonly (keyof T & string)[],
): T {
  return runClassicScript(files, names, (code, filename) =>
    compileFunction(code, [], { filename }),
  ) as T;
}

/** As classicScript, compiled by `compile` and run with `self` as its this: in another realm. */
export function runClassicScript(
  files: string | URL | readonly (string | URL)[],
  names: readonly string[],
  compile: (code: string, filename: string) => unknown,
  self: unknown = globalThis,
): object {
  const paths = [files].flat().map(pathOf);
  const texts = paths.map((path) => readFileSync(path, 'utf8'));
  // a script may end in a comment without a new line
  const code = `${texts.join('\n;')}\n;return ${pickSource(names)};`;
  const run = compile(code, paths[0] ?? '') as (this: unknown) => Record<string, unknown>;
  return withAllNames<Record<string, unknown>>(run.call(self), names, paths.join(' and '));
}

export function pathOf(file: string | URL): string {
  return typeof file === 'string' && !file.startsWith('file:') ? file : fileURLToPath(file);
}
