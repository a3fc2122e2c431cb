import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { targets } from '../lib/abi/index.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = readFileSync(`${ROOT}/README.md`, 'utf8');
const EXAMPLE = readFileSync(`${ROOT}/test/example.ts`, 'utf8');

test('the example of the README is test/example.ts, which the compiler checks', () => {
  expect(README).toContain(`\`\`\`ts\n${EXAMPLE}\`\`\``);
  expect(EXAMPLE.split('\n').length).toBeLessThan(30);
});

test('the example runs, and says what the README shows', () => {
  const module = ts.ModuleKind.ESNext;
  const { outputText } = ts.transpileModule(EXAMPLE, { compilerOptions: { module } });
  const args = ['--input-type=module', '--eval', outputText];
  const run = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
  expect(run.stderr).toBe('');
  const withoutIds = (text: string) => text.replace(/thread \d+/g, 'thread N').trim();
  const [, shown = ''] = README.split(`${EXAMPLE}\`\`\`\n\n\`\`\`text\n`);
  expect(withoutIds(run.stdout)).toBe(withoutIds(shown.split('```')[0] ?? ''));
  const [first, second] = [...run.stdout.matchAll(/thread (\d+)/g)].map((match) => match[1]);
  expect(first).not.toBe(second);
});

test('the walk of the README is examples/find.ts, whole, in at most 45 lines', () => {
  const find = readFileSync(`${ROOT}/examples/find.ts`, 'utf8');
  expect(README).toContain(`\`\`\`ts\n${find}\`\`\``);
  expect(find.trimEnd().split('\n').length).toBeLessThanOrEqual(45);
});

test('the README counts the ABIs that there are', () => {
  expect(README).toContain(`any C struct out for ${Object.keys(targets).length} ABIs`);
});
