import { Command } from 'commander';
import {
  grade,
  Merge,
  type Report,
  ResultFileError,
  readResult,
  textReport,
} from '../report/index.ts';
import { colors, Progress, printJson } from './output.ts';
import { type ReportFiles, writeReportFiles } from './report-files.ts';

interface Options extends ReportFiles {
  readonly json?: boolean;
}

const HELP = `
Runs may come from other machines, seeds and shards: their counts are added up. A run that is given
twice counts once; scenarios of one name whose source or table differs stay apart, and that is said.

Exit status: 0 nothing forbidden, 1 something was or a trial did not end well, 2 a file cannot be used.

Examples:
  syslets report results.json
  syslets report shard-*.json --html report.html --junit report.xml
  syslets report results.json --json`;

/** `syslets report`. */
export function reportCommand(): Command {
  return new Command('report')
    .description('merge and grade what `syslets stress` has recorded')
    .argument('<files...>', 'result files')
    .option('--json', 'one JSON object instead of text')
    .option('--html <file>', 'write a self-contained page there')
    .option('--junit <file>', 'write JUnit XML there')
    .addHelpText('after', HELP)
    .action(run);
}

function run(files: readonly string[], options: Options): void {
  try {
    const report = grade(read(files).result());
    writeReportFiles(report, options);
    if (options.json) printJson(report);
    else process.stdout.write(textReport(report, { paint: colors }));
    process.exitCode = exitStatus(report);
  } catch (error) {
    const isExpected =
      error instanceof ResultFileError || (error instanceof Error && 'syscall' in error);
    if (!isExpected) throw error;
    process.stderr.write(`syslets report: ${(error as Error).message}\n`);
    process.exitCode = 2;
  }
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
export function exitStatus({ verdict }: Report): number {
  return verdict === 'failed' ? 1 : 0;
}
