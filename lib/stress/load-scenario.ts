import { existsSync } from 'node:fs';
import { loadModule } from '../load/load-module.ts';
import {
  isScenario,
  isScenarioFamily,
  type Params,
  type Scenario,
  type ScenarioFamily,
} from '../scenario/index.ts';
import { StressError } from './error.ts';

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
    const { message } = error as Error;
    throw new StressError(`${file} could not be loaded: ${message}`, { cause: error });
  }
}
