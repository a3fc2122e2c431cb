import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Context, compileFunction, runInContext, Script } from 'node:vm';
import { createJiti, type Jiti } from 'jiti';
import * as abi from '../../abi/index.ts';
import { cacheFolder } from '../../load/cache-folder.ts';
import { pathOf, runClassicScript } from '../../scenario/classic-script.ts';
import { runCommonScript } from '../../scenario/common-script.ts';
import * as scenario from '../../scenario/index.ts';
import { ExploreError } from '../error.ts';

type Exports = Record<string, unknown>;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUFFIX = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const ABI_FILE = `${ROOT}abi/index.${SUFFIX}`;
const SCENARIO_FILE = `${ROOT}scenario/index.${SUFFIX}`;
/** What this package is called in a user's file. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  'syslets/abi': ABI_FILE,
  'syslets/scenario': SCENARIO_FILE,
  syslets: `${ROOT}index.${SUFFIX}`,
};
/** Functions of syslets/abi that touch memory: the realm has its own. */
const TOUCHING = ['view', 'cursor', 'atomic'] as const;
const PARAMETERS = 'exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve';

/** By the folder in which each keeps what it has compiled. */
const transformers = new Map<string | false, Jiti>();
const scripts = new Map<string, { readonly source: string; readonly script: Script }>();

/** The modules of one realm: each file runs once in it, whatever other realms have loaded. */
export class RealmModules {
  readonly #context: Context;
  readonly #modules = new Map<string, { exports: unknown }>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** What a file exports. */
  load(file: string): Exports {
    return this.#load(file) as Exports;
  }

  #load(file: string): unknown {
    const known = this.#modules.get(file);
    if (known) return known.exports;
    const own = this.#ownModule(file);
    const module = { exports: own ?? {} };
    this.#modules.set(file, module);
    if (own) return own;
    if (file.endsWith('.json')) module.exports = JSON.parse(readFileSync(file, 'utf8'));
    else this.#run(file, module);
    return module.exports;
  }

  #run(file: string, module: { exports: unknown }): void {
    const require = (name: string) => this.#require(name, file);
    const run = scriptOf(file).runInContext(this.#context) as (...args: unknown[]) => void;
    const later = (name: string) => require(name);
    const resolve = (name: string) => pathToFileURL(resolved(name, file)).href;
    run.call(module.exports, module.exports, require, module, file, dirname(file), later, resolve);
  }

  #require(name: string, from: string): unknown {
    const own = OWN_NAMES[name];
    if (own) return this.#load(own);
    if (name === 'process' || name === 'node:process')
      return runInContext('process', this.#context);
    if (isBuiltin(name)) return createRequire(from)(name);
    return this.#load(resolved(name, from));
  }

  /** Types and definitions are data, and shared; what touches memory or makes code is the realm's. */
  #ownModule(file: string): Exports | undefined {
    if (file === SCENARIO_FILE) {
      const scripts = {
        classicScript: this.#classicScript.bind(this),
        commonScript: this.#commonScript.bind(this),
      };
      return { ...scenario, __esModule: true, ...scripts };
    }
    if (file !== ABI_FILE) return undefined;
    const touching = TOUCHING.map((name) => [
      name,
      (...args: unknown[]) => this.abi(name)(...args),
    ]);
    return { ...abi, __esModule: true, ...Object.fromEntries(touching) };
  }

  /** A function of syslets/abi that works on this realm's arrays. */
  abi(name: (typeof TOUCHING)[number]): (...args: unknown[]) => unknown {
    const key = `${ABI_FILE} of the realm`;
    const known = this.#modules.get(key) ?? { exports: {} };
    if (!this.#modules.has(key)) {
      this.#modules.set(key, known);
      this.#run(ABI_FILE, known);
    }
    return (known.exports as Record<string, (...args: unknown[]) => unknown>)[
      name
    ] as () => unknown;
  }

  #commonScript(file: string | URL, names: readonly string[] = []): object {
    const compile = (code: string, parameters: readonly string[], filename: string) =>
      compileFunction(code, [...parameters], { filename, parsingContext: this.#context });
    const path = pathOf(file);
    return runCommonScript(path, names, compile, (name: string) => this.#require(name, path));
  }

  #classicScript(file: string | URL | readonly (string | URL)[], names: readonly string[]): object {
    const compile = (code: string, filename: string) =>
      compileFunction(code, [], { filename, parsingContext: this.#context });
    return runClassicScript(file, names, compile, runInContext('globalThis', this.#context));
  }
}

/** The file as a function of CommonJS, compiled once for all realms. */
function scriptOf(file: string): Script {
  const source = readFileSync(file, 'utf8');
  const known = scripts.get(file);
  if (known?.source === source) return known.script;
  const code = transformed(file, source);
  const script = new Script(`(function (${PARAMETERS}) {${code}\n})`, { filename: file });
  scripts.set(file, { source, script });
  return script;
}

/** jiti's own default is a folder that all users share, with names that anybody can foresee. */
function transformerOf(file: string): Jiti {
  const fsCache = cacheFolder(file) ?? false;
  const known = transformers.get(fsCache);
  if (known !== undefined) return known;
  const made = createJiti(import.meta.url, { moduleCache: false, fsCache });
  transformers.set(fsCache, made);
  return made;
}

function transformed(file: string, source: string): string {
  try {
    const isTypeScript = /\.[mc]?tsx?$/.test(file);
    // a hashbang is no JavaScript inside of a function
    const text = source.replace(/^#!.*/, '');
    if (!isTypeScript && !/\b(import|export)\b/.test(text)) return text;
    return transformerOf(file).transform({
      source: text,
      filename: file,
      ts: isTypeScript,
      retainLines: true,
      interopDefault: false,
      async: false,
    });
  } catch (error) {
    throw new ExploreError(`${file} could not be read: ${(error as Error).message}`);
  }
}

function resolved(name: string, from: string): string {
  const path = name.startsWith('file:') ? fileURLToPath(name) : name;
  try {
    const found = createRequire(from).resolve(path);
    if (existsSync(found)) return found;
  } catch {
    // it may be TypeScript, or a package that has modules only
  }
  const parentURL = pathToFileURL(from).href;
  const found = transformerOf(from).esmResolve(path, { parentURL, try: true });
  if (found !== undefined) return found.startsWith('file:') ? fileURLToPath(found) : found;
  throw new ExploreError(`${from} imports '${name}', which was not found`);
}
