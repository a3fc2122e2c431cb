import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import * as aio from '../../lib/aio/index.ts';

// docs/aio.md says for each clause of the standard which test shows it: all of those must exist.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const bytesOf = (path: string) => Buffer.byteLength(read(path));

const [, clauses = ''] = read('docs/aio.md').split('\n## Each clause, and its test\n');
const sections = (clauses.split('\n## ')[0] ?? '').split('\n### ').slice(1);

interface Clause {
  readonly page: string;
  readonly clause: string;
  readonly here: string;
  readonly test: string;
}

function rowsOf(section: string): Clause[] {
  const [page = ''] = section.split('\n');
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) => {
    const [, , clause = '', here = '', where = ''] = row.split('|').map((cell) => cell.trim());
    return { page, clause, here, test: where };
  });
}

const all = sections.flatMap(rowsOf);
const tested = all.filter(({ test: where }) => where !== '-');

test('each function of the standard has its clauses', () => {
  const functions = Object.keys(aio).filter((name) => /^(aio|lio)_[a-z]+$/.test(name));
  const pages = sections.map((section) => section.split('\n')[0] ?? '');
  expect(functions.filter((name) => name !== 'aio_init' && !pages.includes(name))).toEqual([]);
  expect(functions.filter((name) => name !== 'aio_init')).toHaveLength(8);
});

test.each(tested)('$page: $clause', ({ test: where }) => {
  const [, file = '', name = ''] = /^`([\w-]+\.test\.ts)` `(.+)`$/.exec(where) ?? [];
  const source = read(`test/aio/${file}`);
  const titles = [...source.matchAll(/(?:test|\]\))\(\s*(['"`])(.*?)\1,/gs)].map(
    ([, , title]) => title,
  );
  expect(titles).toContain(name);
});

test('what has no test says why: Linux does it, or it cannot happen', () => {
  const untested = all.filter(({ test: where }) => where === '-').map(({ here }) => here);
  expect(untested.filter((here) => !/Linux|does not/.test(here))).toEqual([]);
  expect(tested.length).toBeGreaterThan(10 * untested.length);
});

test('the example of docs/aio.md runs as a program that has installed the package', () => {
  const [, example = ''] = read('docs/aio.md').split('```ts\n');
  const module = ts.ModuleKind.ESNext;
  const { outputText } = ts.transpileModule(example.split('```')[0] ?? '', {
    compilerOptions: { module },
  });
  const args = ['--input-type=module', '--eval', outputText];
  const run = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
  expect([run.stderr, run.stdout]).toEqual(['', `${Math.min(4096, bytesOf('LICENSE'))} bytes\n`]);
});
