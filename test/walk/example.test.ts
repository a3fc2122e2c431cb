import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gnuFind, whyNoFind } from './gnu-find.ts';
import { Tree } from './tree.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLE = readFileSync(`${ROOT}/examples/find.ts`, 'utf8');
const MOST_LINES = 45;

const tree = new Tree();

beforeAll(() => {
  tree.shell('mkdir -p a/b/c d; touch a/1 a/b/2; echo text > a/b/c/3; ln -s .. d/up');
  tree.shell("touch d/$'\\377\\376'; cd a/b; touch $(seq 1500)"); // more than one buffer holds
});
afterAll(() => tree.remove());

test('the example has the totals of find', ({ skip }) => {
  const whyNot = whyNoFind();
  if (whyNot) skip(whyNot);
  const module = ts.ModuleKind.ESNext;
  const { outputText } = ts.transpileModule(EXAMPLE, { compilerOptions: { module } });
  const args = ['--input-type=module', '--eval', outputText, '--', 'find.ts', tree.root];
  const run = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
  const { entries, bytes } = gnuFind(tree.root);
  expect(run.stderr).toBe('');
  expect(run.stdout).toBe(`${entries} entries, ${bytes} bytes\n`);
});

test('the example is short: what is not simple to use is not used', () => {
  expect(EXAMPLE.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
});
