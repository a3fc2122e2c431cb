import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { ExploreResult } from '../../lib/report/explore-result.ts';
import { exploreVerdict } from '../../lib/report/explore-text.ts';
import { runProgram } from '../cli/run.ts';
import { stress } from '../stress/stress.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-model-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
const run = (...args: readonly string[]) => runProgram('cli/main.js', [...args]);

/** What only the model allows, of all shipped litmus tests but the one that is too large. */
const BEYOND: Readonly<Record<string, readonly string[]>> = {
  'litmus/2-2w': ['1, 1'],
  'litmus/corr': ['1, 0'],
  'litmus/dataview-mixed': ['1, 0'],
  'litmus/iriw': ['1, 0, 1, 0'],
  'litmus/lb': ['1, 1'],
  'litmus/mp': ['1, 0'],
  'litmus/s': ['1, 2'],
  'litmus/seqlock': ['1, 0, 1', '1, 1, 0'],
  'litmus/seqlock-mixed': ['1, 0, 1', '1, 1, 0'],
  'litmus/wrc': ['1, 1, 0'],
};

test('the shipped litmus tests: what the model allows beyond x86, and nothing that the tables forbid', () => {
  const json = join(folder, 'litmus.json');
  const { status } = run('explore', 'litmus', '--max-states', '10000', '--json', json);
  expect(status).toBe(3);
  const { scenarios: all } = JSON.parse(readFileSync(json, 'utf8')) as ExploreResult;
  const scenarios = all.filter(({ name }) => name !== 'litmus/dataview-tearing');
  expect(scenarios.length).toBeGreaterThanOrEqual(33);
  for (const scenario of scenarios) {
    const { name, model, machines } = scenario;
    expect(exploreVerdict(scenario), name).toBe('passed');
    expect(model?.isComplete, name).toBe(true);
    const here = new Set(machines.flatMap(({ ends }) => ends.map(({ text }) => text)));
    const beyond = (model?.allowed ?? []).map(({ text }) => text).filter((text) => !here.has(text));
    // those that tear have a row for each mixture of bytes
    if (/tearing-[if]64$|dataview-mp/.test(name)) expect(beyond.length, name).toBeGreaterThan(2);
    else expect(beyond.sort(), name).toEqual(BEYOND[name] ?? []);
  }
});

test('the column and the finding, in text, HTML, JUnit and JSON', () => {
  const [json, html, junit] = ['r.json', 'r.html', 'r.xml'].map((name) => join(folder, name));
  const files = ['--json', json, '--html', html, '--junit', junit].map(String);
  const { status, stdout } = run('explore', 'litmus/mp', '--all', ...files);
  expect(stdout).toMatch(/RESULT {2}SC {2}TSO +MODEL {2}EXPECT/);
  expect(stdout).toMatch(/1, 0 +- +- +allowed +interesting/);
  expect(stdout).toMatch(
    /by the axioms, \d+ candidate executions; writer's store of \w+ \(.*\) races with/,
  );
  expect(stdout).toContain('not seen here, other processors may show it: (1, 0)');
  expect(status).toBe(0);
  expect(readFileSync(String(html), 'utf8')).toContain('<th scope="col">MODEL</th>');
  expect(readFileSync(String(html), 'utf8')).toContain('other processors may show it: (1, 0)');
  expect(readFileSync(String(junit), 'utf8')).toContain('other processors may show it: (1, 0)');
  const { scenarios } = JSON.parse(readFileSync(String(json), 'utf8')) as ExploreResult;
  expect(scenarios[0]?.model).toMatchObject({ by: 'axioms', isComplete: true });
  expect(scenarios[0]?.model?.allowed).toContainEqual({ kind: 'outcome', text: '1, 0' });
});

test('without a race the model is sequential consistency', () => {
  const { stdout } = run('explore', 'litmus/sb-atomics', '--all');
  expect(stdout).toContain('model no data race: the model allows what sc does');
});

test('a mark that is wrong fails, and says which row', () => {
  const junit = join(folder, 'wrong.xml');
  const { status, stdout } = run('explore', fixture('wrong-mark'), '--junit', junit);
  expect(stdout).toContain(
    "the row 1, 0 says model: 'forbidden', and the memory model says allowed",
  );
  expect(stdout).toContain('allowed by the model, not in your table: (1, 0)');
  expect(status).toBe(1);
  expect(readFileSync(junit, 'utf8')).toContain('<failure message="the row 1, 0 says model:');
});

test('what the model allows and no row names is a finding, no failure', () => {
  const { status, stdout } = run('explore', fixture('unlisted'), '--all');
  expect(stdout).toContain('allowed by the model, not in your table: (1, 0)');
  expect(status).toBe(0);
});

test('a race beside a wait is too large, and what sc does is allowed all the same', () => {
  const { stdout } = run('explore', fixture('races-and-waits'), '--all');
  expect(stdout).toMatch(/model too large: it races and waits; what sc does is allowed; \w+'s/);
  expect(stdout).toMatch(/ 2 +\d+ +\d+ +allowed/);
});

test('the model alone, and one that there is not', () => {
  const { status, stdout } = run('explore', 'litmus/sb', '--machine', 'model', '--all');
  expect(stdout).toMatch(/RESULT +MODEL +EXPECT/);
  expect(status).toBe(0);
  const wrong = run('explore', 'litmus/sb', '--machine', 'sc,arm');
  expect(wrong.stderr).toContain("--machine is 'sc,arm', expected some of sc, tso and model");
  expect(wrong.status).toBe(2);
});

test('the tables of stress have the column too, though nobody wrote it', () => {
  const { stdout } = stress('litmus/mp', '--time', '1s', '--all');
  expect(stdout).toMatch(/RESULT +SAMPLES +FREQ +EXPECT +MODEL .*DESCRIPTION/);
  expect(stdout).toMatch(/0, 0 .* acceptable +allowed/);
});
