import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { targets } from '../../lib/abi/index.ts';
import { unusable } from '../../lib/abi-tools/compilers.ts';
import { fuzz } from '../../lib/abi-tools/fuzz.ts';
import { fuzzHeaders } from '../../lib/abi-tools/fuzz-headers.ts';
import { noClang, noCompiler } from './tools.ts';

const options = { count: 150, seed: 1207, bytes: 40 };

test('150 random structs have clang’s layout on each target', { timeout: 300_000 }, async ({
  skip,
}) => {
  const reason = await noClang();
  if (reason) skip(reason);
  const rows = await fuzz(options);
  const checked = rows.filter((row) => row.structs > 0);
  expect(rows.filter((row) => row.refused)).toEqual([]);
  expect(checked.flatMap((row) => row.differences)).toEqual([]);
  expect(checked.length).toBeGreaterThanOrEqual(11);
  expect(checked.every((row) => row.objects === 40 && row.asked > 1000)).toBe(true);
});

test('m68k is asked of GCC', { timeout: 300_000 }, async ({ skip }) => {
  const reason = await noCompiler('m68k', 'm68k-linux-gnu-gcc');
  if (reason) skip(reason);
  const rows = await fuzz({ ...options, seed: 3 });
  const row = rows.find((one) => one.target === 'm68k');
  expect(row).toMatchObject({ compiler: 'm68k-linux-gnu-gcc', structs: 150, differences: [] });
});

test('types of 3 headers that mislead are right or refused', { timeout: 300_000 }, async ({
  skip,
}) => {
  const reason = await noClang();
  if (reason) skip(reason);
  const { right, refused, faults, targets } = await fuzzHeaders({ seed: 7, from: 0, count: 3 });
  expect(faults).toEqual([]);
  expect(targets.length).toBeGreaterThanOrEqual(11);
  expect(right).toBeGreaterThan(60);
  expect(refused).toBeGreaterThan(0);
});

test('types of headers that mislead are right or refused on m68k, as GCC says', {
  timeout: 300_000,
}, async ({ skip }) => {
  const reason = (await noClang()) ?? (await noCompiler('m68k', 'm68k-linux-gnu-gcc'));
  if (reason) skip(reason);
  const asked = [targets.m68k];
  const made = await fuzzHeaders({ seed: 5, from: 0, count: 10, asked });
  expect(made.faults).toEqual([]);
  expect(made.right).toBeGreaterThan(20);
  expect(made.refused).toBeGreaterThan(0);
});

test('a compiler whose part for C++ is not installed cannot be used for that', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gcc');
  const script = `#!/bin/sh
case "$*" in
*-dumpmachine*) echo m68k-linux-gnu ;;
*c++*) echo "gcc: fatal error: cannot execute 'cc1plus'" >&2; exit 1 ;;
esac
`;
  writeFileSync(file, script, { mode: 0o755 });
  const compiler = { name: 'half', file, args: [], machine: 'm68k' };
  expect(await unusable(compiler)).toBeUndefined();
  expect(await unusable(compiler, 'c++')).toBe(
    "half compiles no C++: gcc: fatal error: cannot execute 'cc1plus'",
  );
});
