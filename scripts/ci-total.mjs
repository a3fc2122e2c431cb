// Adds up the test reports of one .ci/run, says again what failed, and prints "N passed, N failed"
// as its last line. Arguments: the steps that failed. One whose report shows no failed test (a
// compile error, a crash, lint) counts as one failure, so that the line never looks better than
// the run. The reports are in reports/, or where SYSLETS_REPORTS says.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPORTS =
  process.env.SYSLETS_REPORTS ?? fileURLToPath(new URL('../reports', import.meta.url));
const LINES_OF_A_FAILURE = 12;

/** What a vitest JSON report, or a ctest JUnit report, says. One that is cut counts as a failure. */
function read(file) {
  try {
    const text = readFileSync(join(REPORTS, file), 'utf8');
    return file.endsWith('.json') ? fromVitest(JSON.parse(text)) : fromJUnit(text);
  } catch (error) {
    return {
      passed: 0,
      skipped: 0,
      failures: [{ name: 'not a test report', said: String(error) }],
    };
  }
}

function fromVitest(report) {
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    const place = relative(process.cwd(), name);
    // the file itself: it does not compile, or its hooks failed
    if (status === 'failed' && failed.length === 0) return [{ name: place, said: message }];
    return failed.map(({ fullName, failureMessages }) => ({
      name: `${place}: ${fullName}`,
      said: failureMessages.join('\n'),
    }));
  });
  return {
    passed: report.numPassedTests,
    failures,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function fromJUnit(text) {
  if (!/<\/testsuites?>\s*$/.test(text)) throw new Error('its end is missing');
  const attribute = (name) => Number(text.match(new RegExp(`\\b${name}="(\\d+)"`))?.[1] ?? 0);
  const [failed, skipped] = [attribute('failures'), attribute('skipped') + attribute('disabled')];
  const cases = text.split('<testcase ').slice(1);
  const broken = cases.filter((one) => one.includes('<failure'));
  return {
    passed: attribute('tests') - failed - skipped,
    failures: Array.from({ length: failed }, (_, index) => ({
      name: broken[index]?.match(/name="([^"]*)"/)?.[1] ?? 'a test',
      said: lastLines(broken[index]?.match(/<system-out>([\s\S]*?)<\/system-out>/)?.[1]),
    })),
    skipped,
  };
}

const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** A native test stops at what fails: its last lines say what that was. */
function lastLines(output) {
  if (!output?.trim()) return 'its output is above';
  const text = output.replace(/&(\w+);/g, (whole, name) => ENTITIES[name] ?? whole);
  return text.trimEnd().split('\n').slice(-LINES_OF_A_FAILURE).join('\n');
}

/** The end of a log is what people see first, so what failed is said there. */
function say(file, { name, said }) {
  console.log(`\n${file}: FAILED ${name}`);
  const lines = said.trimEnd().split('\n');
  for (const line of lines.slice(0, LINES_OF_A_FAILURE)) console.log(`  ${line}`);
  const more = lines.length - LINES_OF_A_FAILURE;
  if (more > 0) console.log(`  (${more} lines more above)`);
}

const total = { passed: 0, failed: 0, skipped: 0 };
const failedReports = new Set();
const failures = [];
for (const file of readdirSync(REPORTS).filter((name) => /\.(json|xml)$/.test(name))) {
  const one = read(file);
  const failed = one.failures.length;
  console.log(`${file}: ${one.passed} passed, ${failed} failed, ${one.skipped} skipped`);
  total.passed += one.passed;
  total.failed += failed;
  total.skipped += one.skipped;
  if (failed > 0) failedReports.add(file.replace(/\.(json|xml)$/, ''));
  failures.push(...one.failures.map((failure) => [file, failure]));
}
for (const [file, failure] of failures) say(file, failure);
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
