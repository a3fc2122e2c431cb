import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/ci-total.mjs', import.meta.url));
let reports = '';

beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'syslets-ci-total-'));
});
afterEach(() => rmSync(reports, { recursive: true }));

/** The lines that the script prints, and its exit status. */
function total(...steps: string[]) {
  const env = { ...process.env, SYSLETS_REPORTS: reports };
  const { stdout, status } = spawnSync(process.execPath, [SCRIPT, ...steps], {
    env,
    encoding: 'utf8',
  });
  return { status, stdout, last: stdout.trimEnd().split('\n').at(-1) };
}

function report(name: string, content: unknown): void {
  writeFileSync(
    join(reports, name),
    typeof content === 'string' ? content : JSON.stringify(content),
  );
}

const ran = (
  tests: readonly { fullName: string; status: string; failureMessages?: string[] }[],
) => ({
  numPassedTests: tests.filter(({ status }) => status === 'passed').length,
  numPendingTests: 1,
  numTodoTests: 0,
  testResults: [
    {
      name: join(process.cwd(), 'test/some.test.ts'),
      status: tests.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
      message: '',
      assertionResults: tests.map((one) => ({ failureMessages: [], ...one })),
    },
  ],
});
const JUNIT =
  '<testsuite tests="3" failures="1" skipped="1">' +
  '<testcase name="fine" status="run"/>' +
  '<testcase name="not here" status="notrun"><skipped message="no fuse"/></testcase>' +
  '<testcase name="broken" status="fail"><failure message=""/></testcase></testsuite>';

test('what passed in every report is added up', () => {
  report('node22.json', ran([{ fullName: 'a', status: 'passed' }]));
  report('tests.json', ran([{ fullName: 'a', status: 'passed' }]));
  expect(total()).toMatchObject({ status: 0, last: '2 passed, 0 failed' });
});

test('a failed test is said again at the end, with its file and its message', () => {
  const message = [
    'AssertionError: one',
    ...Array.from({ length: 30 }, (_, line) => `line ${line}`),
  ];
  report(
    'node22.json',
    ran([
      { fullName: 'group a', status: 'passed' },
      { fullName: 'group b', status: 'failed', failureMessages: [message.join('\n')] },
    ]),
  );
  const { status, stdout, last } = total('node22');
  expect({ status, last }).toEqual({ status: 1, last: '1 passed, 1 failed' });
  expect(stdout).toContain('node22.json: FAILED test/some.test.ts: group b\n  AssertionError: one');
  expect(stdout).toContain('line 10\n  (19 lines more above)');
});

test('a native test that failed is named, with the last lines of what it printed', () => {
  const lines = Array.from({ length: 30 }, (_, line) => `ok ${line}`).join('\n');
  const output = `<failure/><system-out>${lines}\nfile.c:7: 1 &lt; 2 &amp;&amp; is wrong\n</system-out>`;
  report('native-arm64.xml', JUNIT.replace('<failure message=""/>', output));
  const { stdout, last } = total('native-arm64');
  expect(stdout).toContain('native-arm64.xml: FAILED broken\n  ok 19\n');
  expect(stdout).toContain('  ok 29\n  file.c:7: 1 < 2 && is wrong\n');
  expect(last).toBe('1 passed, 1 failed');
});

test('one that printed nothing is named', () => {
  report('native-release.xml', JUNIT);
  const { stdout, last } = total('native-release');
  expect(stdout).toContain('native-release.xml: 1 passed, 1 failed, 1 skipped');
  expect(stdout).toContain('native-release.xml: FAILED broken\n');
  expect(last).toBe('1 passed, 1 failed');
});

test('a step that failed without a failed test counts as one', () => {
  report('tests.json', ran([{ fullName: 'a', status: 'passed' }]));
  expect(total('lint')).toMatchObject({ status: 1, last: '1 passed, 1 failed' });
});

test('a file that could not be loaded counts, with what was said of it', () => {
  const broken = { name: join(process.cwd(), 'test/broken.test.ts'), status: 'failed' };
  report('tests.json', {
    ...ran([{ fullName: 'a', status: 'passed' }]),
    testResults: [{ ...broken, message: 'SyntaxError: no', assertionResults: [] }],
  });
  const { stdout, last } = total('tests');
  expect(stdout).toContain('FAILED test/broken.test.ts\n  SyntaxError: no');
  expect(last).toBe('1 passed, 1 failed');
});

test.each([
  ['is cut', 'stress.json', '{"numPassedTests": 3'],
  ['is of another kind', 'stress.json', { scenarios: [] }],
  ['is cut', 'native-release.xml', JUNIT.slice(0, -20)],
  ['is empty', 'native-release.xml', ''],
])('a report that %s (%s) counts as a failure, and the others are added up', (_, name, content) => {
  report(name, content);
  report('tests.json', ran([{ fullName: 'a', status: 'passed' }]));
  const { status, stdout, last } = total();
  expect(stdout).toContain(`${name}: FAILED not a test report`);
  expect({ status, last }).toEqual({ status: 1, last: '1 passed, 1 failed' });
});

test('no report at all is a failure', () => {
  mkdirSync(join(reports, 'stress'));
  expect(total()).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
});
