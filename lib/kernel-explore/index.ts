/** The kernel side under controlled schedules: its sources unchanged, every execution of them. */
export { type BuildOptions, buildExplorer } from './build.ts';
export { coverage } from './coverage.ts';
export { ExploreKernelError } from './error.ts';
export * from './explorer.ts';
export { type GradedOutcome, type GradedSearch, graded } from './graded.ts';
export * from './scenarios.ts';
export { fewestPreemptions, replay } from './shortest.ts';
export { rowsOf, type StepRow } from './table-of-steps.ts';
