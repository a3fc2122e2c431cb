import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { program } from '../../lib/cli/commands.ts';
import { describe, withAllBelow } from '../../lib/cli/describe.ts';

// The pages of dist/man are what `npm run man` has made, as npm packs them.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMANDS = withAllBelow(describe(await program())).filter(
  ({ path }) => path.at(-1) !== 'help',
);
/** The page that a command is on: what is below a command is on that one's. */
const pageOf = (path: readonly string[]) => path.slice(0, 2).join('-');
const NAMES = [...new Set(COMMANDS.map(({ path }) => pageOf(path)))];
const { man, scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  man: readonly string[];
  scripts: Readonly<Record<string, string>>;
};

const read = (name: string) => readFileSync(join(ROOT, `dist/man/${name}.1`), 'utf8');
/** As it was before roff's escapes. */
const plain = (text: string) =>
  text.replaceAll('\\-', '-').replaceAll('\\&', '').replaceAll('\\e', '\\');

test('each command of the program has a page, and package.json names them all', () => {
  expect(COMMANDS.length).toBeGreaterThan(15);
  const files = NAMES.map((name) => `${name}.1`).sort();
  expect(readdirSync(join(ROOT, 'dist/man')).sort()).toEqual(files);
  expect([...man].sort()).toEqual(files.map((file) => `dist/man/${file}`));
});

test('`prepare` makes them: its build ends with them', () => {
  expect(readFileSync(join(ROOT, 'scripts/prepare.mjs'), 'utf8')).toContain("'build:ts'");
  expect(scripts['build:ts']).toMatch(/&& npm run --silent man$/);
});

test.each(COMMANDS.map((command) => [command.path.join(' '), command] as const))(
  'the page of `%s` holds what --help says',
  (_, command) => {
    const text = plain(read(pageOf(command.path)));
    const terms = [...text.matchAll(/^\.TP\n\.B (.*)\n(.*)$/gm)].map(([, term, help]) => [
      term,
      help,
    ]);
    for (const { flags, help } of command.options) expect(terms).toContainEqual([flags, help]);
    for (const { name: term, help } of command.arguments)
      expect(terms).toContainEqual([term, help]);
    for (const line of command.after.split('\n')) {
      const said = line.trim().replace(/^Exit status: |^Examples:$/, '');
      expect(text).toContain(said);
    }
    for (const { path } of command.commands.filter((one) => one.path.at(-1) !== 'help')) {
      const [, ...below] = path;
      const where =
        path.length > 2 ? `.SH ${below.join(' ').toUpperCase()}\n` : `${path.join('-')}(1)`;
      expect(text).toContain(where);
    }
  },
);

test('groff has nothing to say against them', ({ skip }) => {
  skip(spawnSync('groff', ['--version']).status !== 0, 'groff is not installed');
  for (const name of NAMES) {
    const file = join(ROOT, `dist/man/${name}.1`);
    const { status, stderr } = spawnSync('groff', ['-man', '-ww', '-Kutf8', '-Tutf8', '-z', file], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' });
  }
});
