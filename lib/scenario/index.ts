/** `syslets/scenario`: concurrency tests as data. Knows nothing of what runs them. */
export * from './actor.ts';
export * from './classic-script.ts';
export { ScenarioError } from './error.ts';
export type * from './expect.ts';
export { acceptable, forbidden, interesting, type Outcome, type OutcomeRow } from './outcome.ts';
export { isScenario, type Scenario, type ScenarioDefinition, scenario } from './scenario.ts';
export * from './state.ts';
