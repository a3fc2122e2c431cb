import type { Report } from './grade.ts';
import { htmlPage } from './html-page.ts';
import { reportBody } from './html-report-body.ts';

/** The report as one HTML page. */
export function htmlReport(report: Report): string {
  const title = `syslets stress: ${report.verdict}`;
  return htmlPage({ name: 'report', title, body: reportBody(report), data: null });
}
