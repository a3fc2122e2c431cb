import { Command } from 'commander';
import type { ExploredScenario } from '../report/explore-result.ts';
import { seenIn } from '../report/explore-seen.ts';
import { exploreStatus, exploreText } from '../report/explore-text.ts';
import {
  grade,
  Merge,
  type Report,
  ResultFileError,
  readResult,
  textReport,
} from '../report/index.ts';
import { isExploredFile, mergeExplored, readExplored } from '../report/merge-explored.ts';
import { addExploreReports, writeExploreReports } from './explore-files.ts';
import { colors, Progress, printJson } from './output.ts';
import { type ReportFiles, writeReportFiles } from './report-files.ts';

interface Options extends ReportFiles {
  readonly json?: boolean;
}

const HELP = `
Runs may come from other machines, seeds and shards: their counts are added up. A run that is given
twice counts once; scenarios of one name whose source or table differs stay apart, and that is said. Files of \`syslets
explore\` may be among them: their tables then have a column SEEN. With both, --html report.html also
writes report-explored.html, and --junit has a suite for each.

Exit status: 0 good, 1 something forbidden was seen or a trial did not end well, 2 a file cannot be
used, 3 not enough was done to say: inconclusive, interrupted, or nothing ran.

Examples:
  syslets report results.json
  syslets report shard-*.json --html report.html --junit report.xml
  syslets report results.json --json`;

/** `syslets report`. */
export function reportCommand(): Command {
  return new Command('report')
    .description('merge and grade what `syslets stress` and `syslets explore` have recorded')
    .argument('<files...>', 'result files')
    .option('--json', 'one JSON object instead of text')
    .option('--html <file>', 'write a self-contained page there')
    .option('--junit <file>', 'write JUnit XML there')
    .addHelpText('after', HELP)
    .action(run);
}

function run(files: readonly string[], options: Options): void {
  try {
    const explored = mergeExplored(files.filter(isExploredFile).map(readExplored));
    const stressed = files.filter((file) => !isExploredFile(file));
    const report = stressed.length === 0 ? undefined : grade(read(stressed).result());
    if (report) writeReportFiles(report, options);
    else writeExploreReports(explored, options);
    if (report && explored.length > 0) addExploreReports(report, explored, options);
    if (options.json)
      printJson(explored.length === 0 ? report : { stress: report, explore: explored });
    else process.stdout.write(texts(report, explored));
    const statuses = [report ? exitStatus(report) : 0, exploredStatus(explored)];
    process.exitCode = statuses.includes(1) ? 1 : Math.max(...statuses);
  } catch (error) {
    const isExpected =
      error instanceof ResultFileError || (error instanceof Error && 'syscall' in error);
    if (!isExpected) throw error;
    process.stderr.write(`syslets report: ${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}

function texts(report: Report | undefined, explored: readonly ExploredScenario[]): string {
  const stress = report ? textReport(report, { paint: colors }) : '';
  const seen = seenIn(report);
  return stress + exploreText({ scenarios: explored }, { paint: colors, all: true, seen });
}

/** What is wrong outweighs what is not enough. */
function exploredStatus(scenarios: readonly ExploredScenario[]): number {
  return scenarios.length === 0 ? 0 : exploreStatus({ scenarios });
}

/** One file at a time is in memory. */
function read(files: readonly string[]): Merge {
  const merge = new Merge();
  const progress = new Progress();
  for (const [index, file] of files.entries()) {
    progress.show(() => `reading ${file} (${index + 1} of ${files.length})`);
    merge.add(readResult(file), file);
  }
  progress.clear();
  return merge;
}

/** What `syslets stress` and `syslets report` end with. */
export function exitStatus({ verdict, runs }: Report): number {
  if (verdict === 'failed') return 1;
  const isCut = runs.some(({ ended }) => ended === 'interrupted' || ended === 'time');
  return isCut || verdict === 'inconclusive' || verdict === 'not run' ? 3 : 0;
}
