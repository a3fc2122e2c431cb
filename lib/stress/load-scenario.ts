import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModule } from '../load/load-module.ts';
import {
  isScenario,
  isScenarioFamily,
  type Params,
  type Scenario,
  type ScenarioFamily,
} from '../scenario/index.ts';
import { StressError } from './error.ts';
import { isOwn, userFrames } from './user-frames.ts';

/** The scenario that a file exports by default, or the one of these parameters. */
export async function loadScenario(file: string, params?: Params): Promise<Scenario> {
  const value = await loadDefault(file);
  if (isScenario(value)) return value;
  return makeScenario(value, file, params ?? {});
}

/** A scenario, or one for each row of a table of parameters. */
export async function loadDefault(file: string): Promise<Scenario | ScenarioFamily> {
  if (!existsSync(file)) throw new StressError(`there is no file '${file}'`);
  const value = ((await loaded(file)) as { default?: unknown }).default;
  if (isScenario(value) || isScenarioFamily(value)) return value;
  throw new StressError(
    `${file} has no scenario: expected \`export default scenario({ … })\`, found ${value === undefined ? 'no default export' : typeof value}`,
  );
}

/** The scenario of one row. */
export async function makeScenario(
  family: ScenarioFamily,
  file: string,
  params: Params,
): Promise<Scenario> {
  const made = await explained(file, () => family.make(params));
  if (isScenario(made)) return made;
  const text = JSON.stringify(params);
  throw new StressError(`${file} makes no scenario of ${text}: expected scenario({ … })`);
}

function loaded(file: string): Promise<object> {
  return explained(file, () => loadModule(file));
}

async function explained<T>(file: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new StressError(`${file} could not be loaded: ${reasonOf(error)}`, { cause: error });
  }
}

/** A call of an import, as the compiled module has it. */
const IMPORTED = /^\(0 ?, ?[\w$]+\.([\w$]+)\) is not a function$/;

/** Where a frame of a stack is: file and line. A compiled module has columns of its own. */
const PLACE = /^\s+at (?:.*? \(|async )?((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$/;

/** A mistake in a definition names the scenario. What JavaScript itself throws has a place only. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack = '' } = error;
  // by its name: the file may have another copy of this package
  if (error.name === 'ScenarioError') return message;
  const reason = message.replace(
    IMPORTED,
    '$1 is not a function: the module that it is imported from exports none of this name',
  );
  const first = userFrames(stack)
    .split('\n')
    .find((line) => /^\s+at /.test(line));
  const [, url = '', line] = PLACE.exec(first ?? '') ?? [];
  if (url.includes('/node_modules/') || isOwn(url)) return reason;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  return `${reason} (${relative('.', path)}:${line})`;
}
