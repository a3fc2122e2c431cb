// Adds up the reports of one .ci/run and prints "N passed, N failed" as its last line.
// Arguments: the steps that failed. One whose report shows no failed test (a compile error, a
// crash, lint) counts as one failure, so that the line never looks better than the run.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPORTS = fileURLToPath(new URL('../reports', import.meta.url));

/** Totals of a vitest JSON report, or of a ctest JUnit report. */
function read(file) {
  const text = readFileSync(join(REPORTS, file), 'utf8');
  return file.endsWith('.json') ? fromVitest(JSON.parse(text)) : fromJUnit(text);
}

function fromVitest(report) {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function fromJUnit(text) {
  const attribute = (name) => Number(text.match(new RegExp(`\\b${name}="(\\d+)"`))?.[1] ?? 0);
  const [failed, skipped] = [attribute('failures'), attribute('skipped') + attribute('disabled')];
  return { passed: attribute('tests') - failed - skipped, failed, skipped };
}

const total = { passed: 0, failed: 0, skipped: 0 };
const failedReports = new Set();
for (const file of readdirSync(REPORTS).filter((name) => /\.(json|xml)$/.test(name))) {
  const one = read(file);
  console.log(`${file}: ${one.passed} passed, ${one.failed} failed, ${one.skipped} skipped`);
  for (const key of Object.keys(total)) total[key] += one[key];
  if (one.failed > 0) failedReports.add(file.replace(/\.(json|xml)$/, ''));
}
for (const step of process.argv.slice(2)) {
  console.log(`step failed: ${step}`);
  if (!failedReports.has(step)) total.failed += 1;
}
if (total.passed === 0) {
  console.log('no test ran');
  total.failed += 1;
}
if (total.skipped > 0) console.log(`${total.skipped} skipped, each with its reason above`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
