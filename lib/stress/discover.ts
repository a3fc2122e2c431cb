import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Scenario } from '../scenario/index.ts';
import { StressError } from './error.ts';
import { loadScenario } from './load-scenario.ts';

/** A scenario with the file that it came from. */
export interface Found {
  readonly scenario: Scenario;
  readonly name: string;
  /** As an absolute path or as the user gave it. */
  readonly file: string;
  /** What the user would type to get it again. */
  readonly asked: string;
  readonly source: string;
}

const SHIPPED = fileURLToPath(new URL('../scenarios', import.meta.url));
const SCENARIO_FILE = /(?<!\.d)\.(?:[mc]?[jt]s)$/;

/**
 * Scenarios by name (`litmus/sb`), by the part of a name before a slash (`litmus`), by file or by
 * folder; all that are shipped where nothing is asked for.
 *
 * @throws StressError where there is none, or two have one name.
 */
export async function discover(asked: readonly string[], filter?: RegExp): Promise<Found[]> {
  const found: Found[] = [];
  if (asked.length === 0) found.push(...(await shipped()));
  for (const one of asked) found.push(...(await discoverOne(one)));
  const chosen = dedupe(found).filter(({ name }) => filter?.test(name) ?? true);
  checkNames(chosen);
  if (chosen.length > 0) return chosen;
  throw new StressError(
    `no scenario fits the filter ${filter}; \`syslets stress --list\` shows all`,
  );
}

async function discoverOne(asked: string): Promise<readonly Found[]> {
  if (existsSync(asked)) return fromPath(asked);
  const fitting = await shipped(asked);
  if (fitting.length > 0) return fitting;
  if (SCENARIO_FILE.test(asked)) throw new StressError(`there is no file «${asked}»`);
  throw new StressError(
    `there is no scenario and no file '${asked}'; \`syslets stress --list\` shows all scenarios`,
  );
}

async function fromPath(path: string): Promise<readonly Found[]> {
  if (!statSync(path).isDirectory()) return [await load(path, path)];
  const files = filesIn(path);
  if (files.length === 0)
    throw new StressError(`there is no TypeScript or JavaScript in «${path}»`);
  const found: Found[] = [];
  for (const file of files) found.push(await load(file, file));
  return found;
}

/** The scenarios of this package: each is named for its folder and file. */
async function shipped(asked = ''): Promise<readonly Found[]> {
  const wanted = asked.replace(/\/$/, '');
  const found: Found[] = [];
  for (const file of shippedFiles()) {
    const name = relative(SHIPPED, file).replace(SCENARIO_FILE, '');
    if (wanted !== '' && name !== wanted && !name.startsWith(`${wanted}/`)) continue;
    found.push(await load(file, name));
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

async function load(file: string, asked: string): Promise<Found> {
  const scenario = await loadScenario(file);
  const { name } = scenario.definition;
  return { scenario, name, file, asked, source: readFileSync(file, 'utf8') };
}

/** Who asks twice for a file gets it once. */
function dedupe(found: readonly Found[]): readonly Found[] {
  return [...new Map(found.map((one) => [relative('.', one.file), one])).values()];
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
