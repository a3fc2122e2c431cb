/** The kernel side under controlled schedules: its sources unchanged, every execution of them. */
export { type BuildOptions, buildExplorer } from './build.ts';
export { ExploreKernelError } from './error.ts';
export { explainedSteps } from './explained-steps.ts';
export { exploreAll, type KernelRunOptions, kernelOptionsText } from './explore-run.ts';
export { againCommand, remade } from './explored-search.ts';
export * from './explorer.ts';
export { type GradedOutcome, type GradedSearch, graded } from './graded.ts';
export * from './scenarios.ts';
export { fewestPreemptions, replay } from './shortest.ts';
