import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
// @ts-expect-error scripts have no types
import { bugNames, mutated, readBug } from '../../scripts/planted/mutation.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Bug {
  readonly title: string;
  readonly explanation: string;
  readonly seen: string;
  readonly scenario?: string;
  readonly explore?: { readonly scenario: string; readonly model?: string };
  readonly notExplored?: string;
  readonly naive?: { readonly script: string };
  readonly finder?: {
    readonly program?: string;
    readonly script?: string;
    readonly args: string[];
  };
  readonly edits: readonly { file: string; find: string; replace: string }[];
}

const names: readonly string[] = bugNames();
const read = (name: string): Bug => readBug(name);

test('there are twelve at least', () => {
  expect(names.length).toBeGreaterThanOrEqual(12);
});

test.each(names)('%s can be planted', (name) => {
  const texts: Map<string, string> = mutated(read(name));
  expect(texts.size).toBeGreaterThan(0);
  for (const [file, text] of texts) {
    expect(text).not.toBe(readFileSync(join(ROOT, file), 'utf8'));
  }
});

test.each(names)('%s says what it is, and what finds it', (name) => {
  const { title, explanation, seen, finder, explore } = read(name);
  for (const text of [title, explanation, seen]) expect(text.length).toBeGreaterThan(10);
  // no processor that runs the finders shows what the weak model alone does
  expect(finder === undefined).toBe(explore?.model === 'weak');
  if (!finder) return;
  const program = finder.program ?? finder.script ?? '';
  expect(existsSync(join(ROOT, program.replace(/^dist\/(.*)\.js$/, 'lib/$1.ts')))).toBe(true);
});

test('a text that is there twice, or not at all, is refused loudly', () => {
  const file = 'native/kernel/ring.c';
  const edit = (find: string) => ({ name: 'test', edits: [{ file, find, replace: 'x' }] });
  expect(() => mutated(edit('no such text'))).toThrow(
    'planted bug test: its text is 0 times in native/kernel/ring.c, expected once',
  );
  expect(() => mutated(edit('return'))).toThrow(/its text is \d+ times/);
  expect(() =>
    mutated({ name: 'test', edits: [{ file, find: 'row 13:', replace: 'row 13:' }] }),
  ).toThrow('planted bug test: it changes nothing');
});

test('each is explored, or says why it cannot be; twenty-four at least are', () => {
  const bugs = names.map(read);
  expect(bugs.filter(({ explore }) => explore).length).toBeGreaterThanOrEqual(24);
  const both = bugs.filter(({ explore, notExplored }) => (explore ? notExplored : !notExplored));
  expect(both.map(({ title }) => title)).toEqual([]);
});

test('docs/planted.md says why those that are not explored cannot be', () => {
  const rows = names.flatMap((name) => {
    const { notExplored } = read(name);
    return notExplored === undefined ? [] : [`| \`${name}\` | ${notExplored} |`];
  });
  const text = readFileSync(join(ROOT, 'docs/planted.md'), 'utf8');
  expect(text).toContain(rows.join('\n'));
});

test('docs/planted.md lists each, with its title, its finder and its scenario', () => {
  const text = readFileSync(join(ROOT, 'docs/planted.md'), 'utf8');
  const [, table = ''] = text.split('| bug | what is wrong |');
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const known = names.map((name) => {
    const { title, seen, finder, scenario } = read(name);
    const program = (finder?.program ?? finder?.script ?? '').split('/').at(-1);
    const by = finder ? `\`${program}\` ${finder.args.join(' ')}` : 'exploring alone';
    const shown = scenario === undefined ? '-' : `\`${scenario}\``;
    return `| \`${name}\` | ${title} | ${seen} | ${by} | ${shown} |`;
  });
  expect(rows).toEqual(known);
});

test.each(names)('%s: its scenario is shipped, its loop by hand is there', (name) => {
  const { scenario, naive } = read(name);
  const files = [
    ...(scenario ? [`lib/scenarios/${scenario}.ts`] : []),
    ...(naive?.script ? [naive.script] : []),
  ];
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
