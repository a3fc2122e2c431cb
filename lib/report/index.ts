/** Grading, merging and showing of what `syslets stress` and `syslets trace` have recorded. */
export { annotations } from './annotations.ts';
export { chromeTrace } from './chrome-trace.ts';
export {
  type GradedOutcome,
  type GradedScenario,
  grade,
  type Report,
  VERDICTS,
  type Verdict,
} from './grade.ts';
export { htmlReport } from './html-report.ts';
export { junitXml } from './junit.ts';
export { LiveProgress, type LiveState, type LiveStream } from './live-progress.ts';
export { Merge, type Merged, mergeRuns, type RunFacts } from './merge.ts';
export { outcomeTable } from './outcome-table.ts';
export { noPaint, type Paint } from './paint.ts';
export { readResult } from './read-result.ts';
export type * from './result.ts';
export { RESULT_FORMAT, RESULT_VERSION } from './result.ts';
export { ResultFileError } from './result-error.ts';
export { type RuleMatcher, ruleMatcher } from './rule-matcher.ts';
export { scenarioText, summaryText, textReport } from './text-report.ts';
export type * from './trace-data.ts';
export { TRACE_FORMAT, TRACE_KINDS, TRACE_VERSION } from './trace-data.ts';
export { traceHtml } from './trace-html.ts';
export { type Worst, WorstSeen } from './worst-seen.ts';
