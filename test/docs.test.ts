import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// Docs that hold facts are read here, so that they cannot drift from the code.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const ARCHITECTURE = read('docs/architecture.md');

/** Rows of the tables under a heading, without header and rule, as cells. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = ARCHITECTURE.split(`\n## ${heading}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n');
  const table = lines.filter((line) => line.startsWith('|'));
  return table.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const quoted = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

function filesIn(folder: string, suffix: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => suffix.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

const SOURCES = [
  ...filesIn('lib', /\.ts$/),
  ...filesIn('native', /\.(c|cc|h|S)$/),
  ...filesIn('test', /\.(c|h|ts|mjs)$/),
];
const FOR_PEOPLE = ['CONTRIBUTING.md', 'SECURITY.md'];
const DOCS = ['README.md', ...FOR_PEOPLE, ...filesIn('docs', /\.md$/)];

test('the lock order is that of kernel.h', () => {
  const [, comment = ''] = read('native/kernel/kernel.h').split('Lock order');
  const tree = (comment.split('Nothing else')[0] ?? '').split('\n').slice(1);
  const inCode = tree.map((line) => line.replace(/^ \*\s{0,3}/, '')).join('\n');
  const [, section = ''] = ARCHITECTURE.split('\n## Lock order\n');
  expect(section.split('```')[1]?.trim()).toBe(inCode.trim());
});

test('the graph of task states has the states of kernel.h, and functions that exist', () => {
  const kernel = filesIn('native/kernel', /\.c$/).map(read).join('\n');
  const [, list = ''] = read('native/kernel/kernel.h').split('enum task_state {');
  const states = [...(list.split('}')[0] ?? '').matchAll(/TASK_(\w+)/g)].map((match) => match[1]);
  const rows = rowsUnder('States of a task');
  const named = new Set(rows.flatMap(([from, to]) => `${from}, ${to}`.match(/[A-Z]+/g) ?? []));
  expect([...named].sort()).toEqual([...states].sort());
  const functions = rows.flatMap((row) => quoted(row[3]));
  expect(functions.filter((name) => !new RegExp(`\\b${name}\\(`).test(kernel))).toEqual([]);
  for (const state of named) expect(read('docs/task-states.svg')).toContain(`>${state}<`);
});

test('each lock of the lock order says what it protects', () => {
  const [, section = ''] = ARCHITECTURE.split('\n## Lock order\n');
  const tree = section.split('```')[1]?.match(/\S+/g);
  expect(rowsUnder('Lock order').flatMap(([lock]) => quoted(lock))).toEqual(tree);
});

const ATTRIBUTES = rowsUnder('Attributes of a thread');
const FATES = [
  'moved',
  'copied at hand-off',
  'copied when made',
  'the same',
  'refused',
  'does not follow',
  'of the process',
];

test.each(ATTRIBUTES)('%s: %s', (_name, fate = '', _remark, where) => {
  expect(FATES).toContain(fate);
  const [file, ...words] = quoted(where);
  if (file === undefined) {
    expect(['does not follow', 'copied when made', 'of the process']).toContain(fate);
    return;
  }
  expect(existsSync(join(ROOT, file)), file).toBe(true);
  expect(words.length).toBeGreaterThan(0);
  for (const word of words) expect(read(file)).toContain(word);
});

test('docs that sources and docs name are there', () => {
  const named = [...SOURCES, ...DOCS].flatMap((file) =>
    (read(file).match(/\bdocs\/[\w-]+\.\w+/g) ?? []).map((doc) => ({ file, doc })),
  );
  expect(named.filter(({ doc }) => !existsSync(join(ROOT, doc)))).toEqual([]);
});

test('links between docs lead somewhere', () => {
  const broken = DOCS.flatMap((file) =>
    [...read(file).matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => !existsSync(join(ROOT, dirname(file), target)))
      .map((target) => `${file}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test.each(FOR_PEOPLE)('the files that %s names are there, and README leads to it', (page) => {
  const text = read(page).replace(/^```[\s\S]*?^```/gm, '');
  const paths = quoted(text).filter(
    (path) => /^(lib|native|test|docs)\/[\w./-]+$/.test(path) && !/[A-Z]{4}/.test(path),
  );
  expect(paths.length).toBeGreaterThan(5);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(read('README.md')).toContain(`](${page})`);
});

test('the scripts that CONTRIBUTING.md names are in package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...read('CONTRIBUTING.md').matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => scripts[name as string] === undefined)).toEqual([]);
});

test('docs and messages of C quote in one way; scripts/quotes.grit looks after those of TypeScript', () => {
  const files = [...DOCS, 'CHANGELOG.md', ...filesIn('native', /\.(c|cc|h|S)$/)];
  expect(files.filter((file) => /[«»“”„]/.test(read(file)))).toEqual([]);
});
