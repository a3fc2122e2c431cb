import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headerText, oneLine, prototypes, ROOT } from './interface.ts';

// The pages of native/man against the headers.

interface Page {
  readonly file: string;
  readonly names: readonly string[];
  readonly synopsis: string;
  /** Without macros and roff's escapes. */
  readonly text: string;
}

/** `.BI "int f(int " x ");"` is `int f(int x);`. */
function plain(line: string): string {
  const [, macro, rest = ''] = line.match(/^\.(\w+) ?(.*)$/) ?? [];
  if (macro === undefined) return line.replaceAll('\\-', '-');
  if (!/^[BIR]+$/.test(macro)) return macro === 'SH' ? `\n${rest}\n` : rest;
  const words = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
  return words.join(macro.length === 1 ? ' ' : '').replaceAll('\\-', '-');
}

function page(file: string): Page {
  const raw = readFileSync(join(ROOT, 'native/man', file), 'utf8');
  const [, name = ''] = raw.match(/^\.SH NAME\n(.*) \\- \S.*$/m) ?? [];
  const [, synopsis = ''] = raw.match(/^\.SH SYNOPSIS\n([\s\S]*?)^\.SH /m) ?? [];
  const lines = (text: string) => text.split('\n').map(plain).join('\n');
  return { file, names: name.split(', '), synopsis: lines(synopsis), text: lines(raw) };
}

const PAGES = readdirSync(join(ROOT, 'native/man')).sort().map(page);
const ALL = PAGES.map(({ text }) => text).join('\n');
const FUNCTIONS = prototypes();

test('the pages that v7 and its programs would look for are there', () => {
  const files = PAGES.map(({ file }) => file);
  for (const file of ['syslets.7', 'sys_indirect.2', 'sys_syslet_ring_wait.2', 'syslet_attach.3']) {
    expect(files).toContain(file);
  }
});

test.each(FUNCTIONS)('$name is described once, with the prototype of its header', (one) => {
  const describing = PAGES.filter(({ names }) => names.includes(one.name));
  expect(describing.map(({ file }) => file)).toHaveLength(1);
  const { synopsis, text } = describing[0] as Page;
  expect(oneLine(synopsis)).toContain(one.text);
  expect(synopsis).toContain(`#include <syslets/${one.header}>`);
  expect(text).toContain(`\n${one.name}()`);
});

test('no page has a prototype that no header has', () => {
  const known = FUNCTIONS.map(({ text }) => text);
  const shown = PAGES.flatMap(({ synopsis }) =>
    [...synopsis.replace(/^(#include|cc ).*$/gm, '').matchAll(/[^;]+;/g)].map(([text]) =>
      oneLine(text),
    ),
  );
  expect(shown.length).toBe(known.length);
  expect(shown.filter((text) => !known.includes(text))).toEqual([]);
});

test("each page is found under its file's name", () => {
  for (const { file, names } of PAGES) expect(names).toContain(file.replace(/\.\d$/, ''));
});

/** Names inside the braces of the header's structs and enumerations. */
function members(): string[] {
  const code = headerText('syslets.h').replace(/\/\*[\s\S]*?\*\//g, '');
  const bodies = [...code.matchAll(/^(struct|enum) \w+ \{([\s\S]*?)^\};/gm)];
  return bodies.flatMap(([, kind, body = '']) =>
    kind === 'enum'
      ? [...body.matchAll(/\b(SYSLET_\w+)/g)].map(([, name]) => name as string)
      : [...body.matchAll(/(\w+)(\[\d+\])?;/g)].map(([, name]) => name as string),
  );
}

test('each member and each enumerator is in some page', () => {
  expect(members().length).toBeGreaterThan(40);
  expect(members().filter((name) => !new RegExp(`\\b${name}\\b`).test(ALL))).toEqual([]);
});

/** Of the comment right above each prototype: the error numbers that it names. */
function errorsOf(header: string, name: string): string[] {
  const text = headerText(header);
  const [, comment = ''] =
    text.match(new RegExp(`/\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n[^;{}/]*\\b${name}\\(`)) ?? [];
  return [...comment.matchAll(/-(E[A-Z]+)\b/g)].map(([, error]) => error as string);
}

test('errors that a header names are in the page', () => {
  const pairs = FUNCTIONS.flatMap(({ name, header }) =>
    errorsOf(header, name).map((error) => ({ name, error })),
  );
  expect(pairs.length).toBeGreaterThan(15);
  const missing = pairs.filter(
    ({ name, error }) => !PAGES.find(({ names }) => names.includes(name))?.text.includes(error),
  );
  expect(missing).toEqual([]);
});

test('pages that are referred to are there', () => {
  const known = PAGES.flatMap(({ file, names }) =>
    names.map((name) => `${name}(${file.split('.').at(-1)})`),
  );
  const named = ALL.match(/\b(syslets?|sys)(_\w+)?\(\d\)/g) ?? [];
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

test('groff has nothing to say against them', ({ skip }) => {
  skip(spawnSync('groff', ['--version']).status !== 0, 'groff is not installed');
  const files = PAGES.map(({ file }) => join(ROOT, 'native/man', file));
  const { status, stderr } = spawnSync(
    'groff',
    ['-man', '-ww', '-Kutf8', '-Tutf8', '-z', ...files],
    { encoding: 'utf8', timeout: 60_000 },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
