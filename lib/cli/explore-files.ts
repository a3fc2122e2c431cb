import { existsSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { ExploreError, OUT_OF_TIME } from '../explore/index.ts';
import { exploreHtml } from '../report/explore-html.ts';
import { exploreJunit, junitOfBoth } from '../report/explore-junit.ts';
import type { ExploredScenario, ExploreResult } from '../report/explore-result.ts';
import { type Seen, seenIn } from '../report/explore-seen.ts';
import type { Report } from '../report/grade.ts';
import { isExploredFile, readExplored } from '../report/merge-explored.ts';
import type { Shard } from '../report/result.ts';
import type { ReportFiles } from './report-files.ts';
import { writeWhole } from './write-whole.ts';

/** The page and the XML that were asked for. */
export function writeExploreReports(
  scenarios: readonly ExploredScenario[],
  { html, junit }: { readonly html?: string | undefined; readonly junit?: string | undefined },
  seen?: Seen,
): void {
  if (html !== undefined) writeFileSync(html, exploreHtml(scenarios, seen));
  if (junit !== undefined) writeFileSync(junit, exploreJunit(scenarios, seen));
}

/** Beside the files of a report: the page of what can happen, and the XML of both. */
export function addExploreReports(
  report: Report,
  scenarios: readonly ExploredScenario[],
  { html, junit }: ReportFiles,
): void {
  const seen = seenIn(report);
  if (junit !== undefined) writeFileSync(junit, junitOfBoth(report, scenarios, seen));
  if (html === undefined) return;
  const { dir, name, ext } = parse(html);
  const page = join(dir, `${name}-explored${ext}`);
  writeFileSync(page, exploreHtml(scenarios, seen));
  process.stderr.write(`what can happen: ${page}\n`);
}

export function saveExplored(file: string, result: ExploreResult): void {
  writeWhole(file, `${JSON.stringify(result)}\n`);
}

/**
 * The scenarios that an earlier run has finished, with the schedule of a failure; none where the file is not there yet.
 *
 * @throws ExploreError where it is of other options: its results would be called something else.
 */
export function readDone(file: string, options: string, shard: Shard | null): ExploredScenario[] {
  if (!existsSync(file)) return [];
  if (!isExploredFile(file)) throw new ExploreError(`${file} is no result of syslets explore`);
  const result = readExplored(file);
  if (result.options !== options) {
    throw new ExploreError(
      `--resume ${file}: it is of other options (${result.options}), this run has ${options}. Give the same, or another file`,
    );
  }
  if (shardText(result.shard) !== shardText(shard)) {
    throw new ExploreError(
      `--resume ${file}: it is of ${shardText(result.shard)}, this run is of ${shardText(shard)}`,
    );
  }
  return result.scenarios.filter(
    ({ machines, model, noSchedule }) =>
      noSchedule === undefined &&
      machines.every(({ coverage }) => coverage.kind !== 'part') &&
      model?.why !== OUT_OF_TIME,
  );
}

function shardText(shard: Shard | null): string {
  return shard ? `part ${shard.index}/${shard.count}` : 'all parts';
}
