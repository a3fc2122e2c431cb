export * from './access.ts';
export { type ActorRunner, DEFAULT_MAX_STEPS, DecisionTrees } from './decision-trees.ts';
export { ExploreError } from './error.ts';
export { explore, type RunOptions } from './explore-run.ts';
export { badEnds } from './explore-scenario.ts';
export { Machine } from './machine.ts';
export { rulesWithModel } from './model/model-rules.ts';
export { OUT_OF_TIME } from './model/writes.ts';
export {
  DEFAULT_MAX_STATES,
  DEFAULT_PROGRAM_SEED,
  DEFAULT_PROGRAMS,
  type ExploreOptions,
  optionsText,
  type Search,
} from './options.ts';
export { Port, Stopped } from './port.ts';
export type * from './program.ts';
export { RandomWalk, type Strategy } from './random-walk.ts';
export { type Replayed, replay, replayOften } from './replay.ts';
export {
  type ProgramOptions,
  type ScenarioProgram,
  scenarioProgram,
  whyNotExplored,
} from './scenario-program.ts';
export type { SpinLoop } from './spin-loops.ts';
export { type EndCount, type GraphResult, StateGraph } from './state-graph.ts';
export { isStructure } from './structure-program.ts';
