/** `syslets/scenario`: concurrency tests as data. Knows nothing of what runs them. */
export * from './actor.ts';
export { classicScript } from './classic-script.ts';
export { commonScript } from './common-script.ts';
export { ScenarioError } from './error.ts';
export type * from './expect.ts';
export {
  isScenarioFamily,
  nameWith,
  type Params,
  type ParamTable,
  type ParamValue,
  type ScenarioFamily,
} from './family.ts';
export { acceptable, forbidden, interesting, type Outcome, type OutcomeRow } from './outcome.ts';
export { repeat } from './repeat.ts';
export {
  DEFAULT_MIN_SAMPLES,
  isScenario,
  minSamplesOf,
  type Scenario,
  type ScenarioDefinition,
  scenario,
} from './scenario.ts';
export * from './state.ts';
