/** Runs scenarios on real threads; its results are lib/report's to grade. */
export { areStructures, checkConfig, checkProgram } from './check-program.ts';
export { askedText, quoted } from './command.ts';
export { checkStructureConfig, configText, parseConfig } from './config.ts';
export { discover, type Found, type Wanted } from './discover.ts';
export { StressError } from './error.ts';
export { dropHost, prepareHost } from './host.ts';
export { parseFilter, parseSeed, parseShard, parseTime } from './options.ts';
export { parseParams } from './params.ts';
export { DEFAULT_CONFIG } from './plan.ts';
export { runStress, type StressEvent, type StressOptions } from './stress-run.ts';
