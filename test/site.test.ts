import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ENTRIES, PAGES } from '../scripts/site/pages.mjs';
import { runProgram } from './cli/run.ts';

// The site itself is made by .ci/run, which fails where a link leads nowhere.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test('the sidebar leads to each page of docs/, once', () => {
  const links = PAGES.flatMap(({ items }) => items.map(({ link }) => link));
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const named = links.filter((link) => link.startsWith('/docs/')).map((link) => link.slice(6));
  expect(named.sort()).toEqual(docs.map((name) => name.replace('.md', '')).sort());
});

test('the reference has each entry that a program imports', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
  const names = Object.keys(exports).filter((name) => !name.endsWith('.json'));
  expect(ENTRIES.map((name) => (name === 'index' ? '.' : `./${name}`))).toEqual(names);
});

const COMMANDS = [...read('docs/begin.md').matchAll(/^npx syslets (.*)$/gm)].map(
  ([, line = '']) => line,
);

test.each(COMMANDS)('`npx syslets %s` of docs/begin.md runs', (line) => {
  const { status, stderr } = runProgram('cli/main.js', line.split(' '));
  // 3: a run of a moment need not have seen enough
  expect({ status: status === 0 || status === 3, stderr }).toEqual({ status: true, stderr: '' });
});

test('docs/begin.md shows a command of each of the three, and doctor', () => {
  expect(COMMANDS.map((line) => line.split(' ')[0])).toEqual(['abi', 'stress', 'find', 'doctor']);
});

test('what docs/begin.md says of errors is what they say', () => {
  const [, table = ''] = read('docs/begin.md').split('\n### The addon is not available\n');
  const rows = (table.split('\n### ')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm);
  const said = [...rows].map(([, text = '']) => text);
  const sources = ['lib/native.ts', 'lib/runtime.ts', 'scripts/install.mjs'].map(read).join('\n');
  expect(said.length).toBeGreaterThan(4);
  const parts = said.flatMap((text) => text.split(/(?<=not found: )/));
  expect(parts.filter((text) => !sources.includes(text))).toEqual([]);
});

test('what docs/begin.md says of attach is what it refuses with', () => {
  const [, table = ''] = read('docs/begin.md').split('\n### attach fails\n');
  const codes = [...(table.split('\n### ')[0] ?? '').matchAll(/^\| `(E[A-Z]+)` \|/gm)].map(
    ([, code]) => code,
  );
  const native = read('native/host/attach.c') + read('native/user/user.c');
  const inC = codes.filter((code) => native.includes(`E_${code?.slice(1)}`));
  expect(codes).toEqual(['EBUSY', 'EEXIST', 'ENOSYS', 'EPERM', 'ENOTSUP']);
  expect(inC).toEqual(['EBUSY', 'EEXIST', 'ENOSYS', 'EPERM']);
  expect(read('lib/loop/event-side.ts')).toContain('ENOTSUP');
});
