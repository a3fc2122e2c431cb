import { existsSync } from 'node:fs';
import { loadModule } from '../load/load-module.ts';
import { isScenario, type Scenario } from '../scenario/index.ts';
import { StressError } from './error.ts';

/** The scenario that a file exports by default. */
export async function loadScenario(file: string): Promise<Scenario> {
  if (!existsSync(file)) throw new StressError(`there is no file «${file}»`);
  const value = ((await loaded(file)) as { default?: unknown }).default;
  if (isScenario(value)) return value;
  throw new StressError(
    `${file} has no scenario: expected \`export default scenario({ … })\`, found ${value === undefined ? 'no default export' : typeof value}`,
  );
}

async function loaded(file: string): Promise<object> {
  try {
    return await loadModule(file);
  } catch (error) {
    const { message } = error as Error;
    throw new StressError(`${file} could not be loaded: ${message}`, { cause: error });
  }
}
