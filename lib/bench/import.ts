import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { x86_64 } from '../abi/index.ts';
import { clangArgs, clangFile } from '../abi-tools/compilers.ts';
import { importFor } from '../abi-tools/import-header.ts';
import { mergeImports } from '../abi-tools/merge.ts';
import { printTypeScript } from '../abi-tools/print-ts.ts';
import { run } from '../abi-tools/run.ts';
import { type Bench, type CaseResult, type Cases, notMeasured } from './bench.ts';
import { graphicsHeader, type HeaderSet, messageHeaders } from './import-headers.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';

const ROUNDS = amount(5, 1);

async function elapsed(use: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await use();
  return performance.now() - start;
}

async function dumpAst(file: string): Promise<void> {
  const args = [
    ...(clangArgs('x86_64') ?? []),
    '-x',
    'c',
    '-fsyntax-only',
    '-Xclang',
    '-ast-dump=json',
  ];
  const { status, stderr } = await run(clangFile(), [...args, file], { onOutput: () => undefined });
  if (status !== 0) throw new Error(stderr);
}

async function importAll(file: string): Promise<number> {
  const merged = mergeImports([await importFor(file, x86_64, { all: true })]);
  printTypeScript(merged, new Map());
  return merged.types.size;
}

/** Why clang cannot be used; undefined if it can. */
async function whyNoClang(): Promise<string | undefined> {
  const { status, stderr } = await run(clangFile(), ['--version']);
  if (status === 0) return undefined;
  return `${clangFile()} does not run (${stderr.trim()}): install clang, or name yours in SYSLETS_CLANG`;
}

async function importCase(name: string, headers: () => HeaderSet): Promise<Cases> {
  const why = await whyNoClang();
  return why === undefined ? compare(name, headers()) : notMeasured(name, why);
}

async function compare(name: string, { main, files }: HeaderSet): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-'));
  for (const [file, text] of files) writeFileSync(join(folder, file), text);
  const file = join(folder, main);
  const samples = { measured: [] as number[], baseline: [] as number[] };
  let types = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      samples.baseline.push(await elapsed(() => dumpAst(file)));
      samples.measured.push(
        await elapsed(async () => {
          types = await importAll(file);
        }),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const baseline = `${clangFile()} -ast-dump=json`;
  return compared({ case: name, unit: 'ms', baseline }, samples, { types });
}

export const importBench: Bench = {
  name: 'import',
  description: "importing large headers beside clang's own dump of their AST",
  cases: [
    () => importCase('header of a graphics API', graphicsHeader),
    () => importCase('packed messages, inline code', messageHeaders),
  ],
};
