import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run, scenario, trial } from './data.ts';
import { temporaryFolder, writer } from './files.ts';

const FOLDER = temporaryFolder();
const write = writer(FOLDER);
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function report(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'report', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    cwd: FOLDER,
    env: { ...process.env, GITHUB_ACTIONS: '', ...env },
  });
  return { status, stdout, stderr };
}

const good = write('good.json', JSON.stringify(run()));
const wrong = scenario({ trials: [trial({ counts: { '9, 9': 1 } })] });
const bad = write('bad.json', JSON.stringify(run({ seed: 8, scenarios: [wrong] })));

test('clean files: the table, exit status 0', () => {
  const { status, stdout, stderr } = report([good]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^PASSED {8}SB/);
  expect(stdout).toContain('RESULT  SAMPLES     FREQ  EXPECT       MODEL    DESCRIPTION');
});

test('files are merged; something forbidden: exit status 1, the command last', () => {
  const { status, stdout } = report([good, bad]);
  expect(status).toBe(1);
  expect(stdout).toContain('101 samples in 2 trials of 2 runs');
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(
    "  syslets stress litmus/sb.ts --seed 1 --config 'spread,1000'",
  );
});

test('--json prints one object', () => {
  const { status, stdout } = report([good, bad, '--json']);
  const { verdict, scenarios, runs } = JSON.parse(stdout);
  expect(status).toBe(1);
  expect(verdict).toBe('failed');
  expect(runs).toHaveLength(2);
  expect(scenarios[0].outcomes[0]).toMatchObject({
    outcome: '9, 9',
    expect: 'forbidden',
    samples: 1,
  });
});

test('--html and --junit write files', () => {
  const { status } = report([good, '--html', 'out.html', '--junit', 'out.xml']);
  expect(status).toBe(0);
  expect(readFileSync(join(FOLDER, 'out.html'), 'utf8')).toMatch(/^<!doctype html>/);
  expect(readFileSync(join(FOLDER, 'out.xml'), 'utf8')).toContain('<testsuites');
});

test('in GitHub Actions what failed is annotated', () => {
  const { stderr } = report([bad], { GITHUB_ACTIONS: 'true' });
  expect(stderr).toMatch(/^::error file=litmus\/sb.ts,title=SB::forbidden%3A 9%2C 9/);
});

test('a file that cannot be used: which and why, nothing else, exit status 2', () => {
  const cut = write('cut.json', JSON.stringify(run()).slice(0, 300));
  mkdirSync(join(FOLDER, 'folder'));
  for (const [file, message] of [
    [
      cut,
      `${cut} is truncated: it ends after 300 bytes in the middle of the data; copy it again, or run \`syslets stress\` again`,
    ],
    ['missing.json', 'missing.json is not there; give the files that `syslets stress` wrote'],
    [
      'folder',
      'folder is a directory; give the files that `syslets stress` wrote: DIRECTORY/*.json',
    ],
  ] as const) {
    expect(report([good, file])).toEqual({
      status: 2,
      stdout: '',
      stderr: `syslets report: ${message}\n`,
    });
  }
});

test('an output that cannot be written: exit status 2', () => {
  const { status, stderr } = report([good, '--html', 'no/such/folder.html']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^syslets report: ENOENT: .*no\/such\/folder.html/);
});

test('no file is a mistake that is named', () => {
  const { status, stderr } = report([]);
  expect(status).not.toBe(0);
  expect(stderr).toContain("missing required argument 'files'");
});
