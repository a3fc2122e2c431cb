import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isScenario, nameWith, type Params, type Scenario } from '../scenario/index.ts';
import { StressError } from './error.ts';
import { loadDefault, makeScenario } from './load-scenario.ts';
import { checkParamNames, chosenRows, type ParamChoice } from './params.ts';

/** A scenario with the file that it came from. */
export interface Found {
  readonly scenario: Scenario;
  /** With its parameters: unique in a run. */
  readonly name: string;
  readonly params: Params | undefined;
  /** As an absolute path or as the user gave it. */
  readonly file: string;
  /** What the user would type to get it again. */
  readonly asked: string;
  readonly source: string;
}

export interface Wanted {
  readonly filter?: RegExp | undefined;
  /** Of scenarios with a table of parameters, the rows with these values. */
  readonly params?: ParamChoice;
}

const SHIPPED = fileURLToPath(new URL('../scenarios', import.meta.url));
const SCENARIO_FILE = /(?<!\.d)\.(?:[mc]?[jt]s)$/;

/**
 * Scenarios by name (`litmus/sb`), by the part of a name before a slash (`litmus`), by file or by
 * folder; all that are shipped where nothing is asked for.
 *
 * @throws StressError where there is none, or two have one name.
 */
export async function discover(
  asked: readonly string[],
  { filter, params = new Map() }: Wanted = {},
): Promise<Found[]> {
  const found: Found[] = [];
  if (asked.length === 0) found.push(...(await shipped('', params)));
  for (const one of asked) found.push(...(await discoverOne(one, params)));
  checkParamNames(found, params);
  const chosen = dedupe(found).filter(({ name }) => filter?.test(name) ?? true);
  checkNames(chosen);
  if (chosen.length > 0) return chosen;
  throw new StressError(
    `no scenario fits the filter ${filter}; \`syslets stress --list\` shows all`,
  );
}

async function discoverOne(asked: string, params: ParamChoice): Promise<readonly Found[]> {
  if (existsSync(asked)) return fromPath(asked, params);
  const fitting = await shipped(asked, params);
  if (fitting.length > 0) return fitting;
  if (SCENARIO_FILE.test(asked)) throw new StressError(`there is no file '${asked}'`);
  throw new StressError(
    `there is no scenario and no file '${asked}'; \`syslets stress --list\` shows all scenarios`,
  );
}

async function fromPath(path: string, params: ParamChoice): Promise<readonly Found[]> {
  if (!statSync(path).isDirectory()) return load(path, path, params);
  const files = filesIn(path);
  if (files.length === 0)
    throw new StressError(`there is no TypeScript or JavaScript in '${path}'`);
  const found: Found[] = [];
  for (const file of files) found.push(...(await load(file, file, params)));
  return found;
}

/** The scenarios of this package: each is named for its folder and file. */
async function shipped(asked: string, params: ParamChoice): Promise<readonly Found[]> {
  const wanted = asked.replace(/\/$/, '');
  const found: Found[] = [];
  for (const file of shippedFiles()) {
    const name = relative(SHIPPED, file).replace(SCENARIO_FILE, '');
    if (wanted !== '' && name !== wanted && !name.startsWith(`${wanted}/`)) continue;
    found.push(...(await load(file, name, params)));
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function shippedFiles(): string[] {
  return readdirSync(SHIPPED, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
    .flatMap(({ name }) => filesIn(join(SHIPPED, name)));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => SCENARIO_FILE.test(name))
    .sort()
    .map((name) => join(folder, name));
}

async function load(file: string, asked: string, choice: ParamChoice): Promise<Found[]> {
  const value = await loadDefault(file);
  const source = readFileSync(file, 'utf8');
  const foundOf = (scenario: Scenario, params?: Params): Found => {
    const name = nameWith(scenario.definition.name, params);
    return { scenario, name, params, file, asked, source };
  };
  if (isScenario(value)) return [foundOf(value)];
  const found: Found[] = [];
  for (const params of chosenRows(value, choice)) {
    found.push(foundOf(await makeScenario(value, file, params), params));
  }
  return found;
}

/** Who asks twice for a file gets it once. */
function dedupe(found: readonly Found[]): readonly Found[] {
  return [...new Map(found.map((one) => [`${relative('.', one.file)} ${one.name}`, one])).values()];
}

function checkNames(found: readonly Found[]): void {
  const files = new Map<string, string>();
  for (const { name, file } of found) {
    const other = files.get(name);
    if (other !== undefined) {
      throw new StressError(
        `two scenarios are called ${name}, in ${other} and ${file}: give one of them another name`,
      );
    }
    files.set(name, file);
  }
}
