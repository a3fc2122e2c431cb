import { writeFileSync } from 'node:fs';
import { annotations, htmlReport, junitXml, type Report } from '../report/index.ts';

export interface ReportFiles {
  readonly html?: string;
  readonly junit?: string;
}

/** Writes what was asked for; in GitHub Actions also annotations, to stderr. */
export function writeReportFiles(report: Report, { html, junit }: ReportFiles): void {
  if (html !== undefined) writeFileSync(html, htmlReport(report));
  if (junit !== undefined) writeFileSync(junit, junitXml(report));
  if (process.env.GITHUB_ACTIONS !== 'true') return;
  for (const line of annotations(report)) process.stderr.write(`${line}\n`);
}
