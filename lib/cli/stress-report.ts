import { rulesWithModel } from '../explore/index.ts';
import {
  grade,
  mergeRuns,
  type RunResult,
  type ScenarioResult,
  textReport,
} from '../report/index.ts';
import type { Found } from '../stress/index.ts';
import { exploreHints } from './explore-hints.ts';
import { colors } from './output.ts';
import { exitStatus } from './report.ts';
import { type ReportFiles, writeReportFiles } from './report-files.ts';
import { saveResult } from './stress-progress.ts';

export interface StressReportOptions extends ReportFiles {
  /** Where raw counts go. */
  readonly json: string;
  /** Tables of scenarios that passed, too. */
  readonly all?: boolean;
}

/**
 * Saves what a run has counted, then grades and shows it; the exit status says how it went. A fault of
 * the explorer's is thrown at the end: it takes away nothing that threads have seen.
 */
export function reportRun(
  seen: RunResult,
  found: readonly Found[],
  options: StressReportOptions,
): void {
  const { result, faults } = withModel(seen, found);
  saveResult(options.json, result);
  const report = grade(mergeRuns([[result, options.json]]));
  process.stdout.write(textReport(report, { paint: colors, all: options.all === true }));
  process.stdout.write(`raw counts: ${options.json}\n`);
  writeReportFiles(report, options);
  process.exitCode = exitStatus(report);
  process.stdout.write(exploreHints(result, found));
  if (faults.length > 0) throw faults[0];
}

/** An actor that never ended on a thread may never end in the model either, and that is waited for. */
function hasHung({ trials }: ScenarioResult): boolean {
  return trials.some(({ end }) => end === 'hung' || end === 'cut');
}

/** What the memory model says of each row: asked when the threads are done, so they never wait. */
function withModel(
  result: RunResult,
  found: readonly Found[],
): { readonly result: RunResult; readonly faults: readonly unknown[] } {
  const faults: unknown[] = [];
  const scenarios = result.scenarios.map((one, index) => {
    const asked = found[index];
    try {
      return asked && !hasHung(one) ? { ...one, outcomes: rulesWithModel(asked) } : one;
    } catch (error) {
      faults.push(error);
      return one;
    }
  });
  return { result: { ...result, scenarios }, faults };
}
