export * from './access.ts';
export { type ActorRunner, DecisionTrees } from './decision-trees.ts';
export { ExploreError } from './error.ts';
export { Machine } from './machine.ts';
export { Port, Stopped } from './port.ts';
export type * from './program.ts';
export {
  type ProgramOptions,
  type ScenarioProgram,
  scenarioProgram,
  whyNotExplored,
} from './scenario-program.ts';
export type { SpinLoop } from './spin-loops.ts';
export { type EndCount, type GraphResult, StateGraph } from './state-graph.ts';
export { TreesTooLarge } from './tree-arrays.ts';
