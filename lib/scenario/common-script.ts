import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';
import { pathOf } from './classic-script.ts';
import { pickSource, withAllNames } from './script-names.ts';

/**
 * What a CommonJS file exports, without its main part: `require.main === module` is false in it.
 * `names` are top-level functions, classes and variables that it need not export. What it requires
 * is loaded as ever; the file itself runs once for each call, so that two scenarios share nothing.
 *
 * @throws ScenarioError where it neither exports nor defines such a name.
 */
export function commonScript<T extends object = Record<string, unknown>>(
  file: string | URL,
  names: readonly (keyof T & string)[] = [],
): T {
  const compile: CompileCommon = (code, parameters, filename) =>
    compileFunction(code, [...parameters], { filename });
  return runCommonScript(file, names, compile, createRequire(pathOf(file))) as T;
}

export type CompileCommon = (
  code: string,
  parameters: readonly string[],
  filename: string,
) => unknown;

/** As commonScript, compiled by `compile`, with this `require`: in another realm. */
export function runCommonScript(
  file: string | URL,
  names: readonly string[],
  compile: CompileCommon,
  require: unknown,
): object {
  const path = pathOf(file);
  const module = { exports: {}, filename: path, id: path, loaded: false, children: [] };
  const code = `${withoutHashbang(readFileSync(path, 'utf8'))}\n;return ${pickSource(names)};`;
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];
  const run = compile(code, parameters, path) as (...values: unknown[]) => Named;
  const values = [module.exports, require, module, path, dirname(path)];
  const found = run.call(module.exports, ...values);
  if (names.length === 0) return module.exports;
  const exported = Object(module.exports) as Named;
  const picked = names.map((name) => [name, found[name] ?? exported[name]]);
  return withAllNames(Object.fromEntries(picked) as Named, names, path);
}

type Named = Record<string, unknown>;

/** Lines keep their numbers. */
function withoutHashbang(text: string): string {
  return text.startsWith('#!') ? `//${text}` : text;
}
