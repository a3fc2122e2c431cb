import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { i686_windows_msvc, s390x, type Target, x86_64 } from '../../lib/abi/index.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { readElf } from '../../lib/abi-tools/elf.ts';
import type { TargetImport } from '../../lib/abi-tools/import-header.ts';
import { nastyHeader } from '../../lib/abi-tools/nasty-header.ts';
import { Random } from '../../lib/abi-tools/random.ts';
import { noClang } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-units-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** clang, which writes a line for each start. */
const log = join(folder, 'log');
const counting = join(folder, 'counting-clang');
writeFileSync(counting, `#!/bin/sh\necho start >>'${log}'\nexec '${clangFile()}' "$@"\n`);
chmodSync(counting, 0o755);
vi.stubEnv('SYSLETS_CLANG', counting);
vi.resetModules();
const { importFor } = await import('../../lib/abi-tools/import-header.ts');
const { compileUnit } = await import('../../lib/abi-tools/units.ts');

beforeEach(async ({ skip }) => {
  const reason = await noClang();
  if (reason) skip(reason);
  writeFileSync(log, '');
});

function starts(): number {
  return readFileSync(log, 'utf8').split('\n').length - 1;
}

const args = ['--target=x86_64-linux-gnu', '-x', 'c', '-w'];
const objectOf = (text: string) =>
  compileUnit(counting, { args, source: { text }, wants: 'object' });

function numberIn(file: Buffer | undefined): number | undefined {
  return file && readElf(file).bytesOf('number')?.[0];
}

test('sources that wait under the same flags share a start', async () => {
  const all = Array.from({ length: 12 }, (_, at) => objectOf(`char number = ${at + 1};\n`));
  const made = await Promise.all(all);
  expect(made.map(({ file }) => numberIn(file))).toEqual(made.map((_, at) => at + 1));
  // The driver, which tells the flags of the front end, and the front end.
  expect(starts()).toBe(2);
});

test('long sources have a start each, so that several processors compile them', async () => {
  const rest = '/* */\n'.repeat(2 ** 14);
  const all = [1, 2, 3].map((value) => objectOf(`char number = ${value};\n${rest}`));
  const made = await Promise.all(all);
  expect(made.map(({ file }) => numberIn(file))).toEqual([1, 2, 3]);
  expect(starts()).toBe(3);
});

test('an error of one source is its own', async () => {
  const wrong = 'char number = unknown;\n';
  const texts = Array.from({ length: 9 }, (_, at) =>
    at === 4 ? wrong : `char number = ${at + 1};\n`,
  );
  const made = await Promise.all(texts.map(objectOf));
  expect(made.map(({ file }) => numberIn(file))).toEqual([1, 2, 3, 4, undefined, 6, 7, 8, 9]);
  expect(made[4]).toEqual(await objectOf(wrong));
  expect(made[4]?.stderr).toContain("use of undeclared identifier 'unknown'");
});

const quiet = '#pragma clang diagnostic ignored "-Wunknown-attributes"\n';
const odd = 'struct odd { int a; } __attribute__((sideways));\n';

test.each([
  ['in the header', quiet],
  ['in what it includes', '#include "quiet.inc"\n'],
  [
    'in a macro',
    '#define SAY(x) _Pragma(#x)\nSAY(clang diagnostic ignored "-Wunknown-attributes")\n',
  ],
])('a header that silences warnings %s silences no other header’s', async (where, first) => {
  const own = join(folder, where.replaceAll(' ', '-'));
  mkdirSync(own);
  writeFileSync(join(own, 'quiet.inc'), quiet);
  const texts = [`${first}struct plain { int a; };\n`, `\n\n\n\n\n${odd}`, `\n\n\n\n\n${odd}`];
  const files = texts.map((text, at) => {
    const file = join(own, `${at}.h`);
    writeFileSync(file, text);
    return file;
  });
  const [one, ...others] = await Promise.all(files.map((file) => importFor(file, x86_64)));
  expect([...(one as TargetImport).types.keys()]).toEqual(['struct plain']);
  for (const other of others)
    expect(other.failures.get('struct odd')).toContain("unknown attribute 'sideways' ignored");
});

function summary({ types, failures, docs, declared, enumerators }: TargetImport) {
  return { types: [...types], failures: [...failures], docs, declared, enumerators };
}

test('headers that mislead are read side by side as one after the other', {
  timeout: 600_000, // 300 starts of a compiler
}, async () => {
  const files = Array.from({ length: 16 }, (_, at) => {
    const { fileName, text } = nastyHeader(new Random(20_000 + at));
    const own = mkdtempSync(join(folder, 'nasty-'));
    writeFileSync(join(own, fileName), text);
    return join(own, fileName);
  }).filter((file) => !file.includes('\\'));
  const each = [x86_64, s390x, i686_windows_msvc].flatMap((target) =>
    files.map((file): [string, Target] => [file, target]),
  );
  const imported = ([file, target]: [string, Target]) =>
    importFor(file, target).then(summary, (error: Error) => error.message);
  const together = await Promise.all(each.map(imported));
  const shared = starts();
  writeFileSync(log, '');
  const alone: typeof together = [];
  for (const one of each) alone.push(await imported(one));
  expect(together).toEqual(alone);
  expect(shared).toBeLessThan(starts() / 3);
});
