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
import { compared } from './result.ts';
import { amount } from './short.ts';

const TYPES = amount(3000, 60);
const ROUNDS = amount(5, 1);

const members = [
  'unsigned int flags',
  'const void *next',
  'float scale[4]',
  'unsigned long long size',
];
const more = ['int x : 5, y : 27', 'char name[64]', 'unsigned short kind', 'double depth'];

/** A header of the shape of a graphics API's: structs with comments, enums, functions. */
function headerText(): string {
  const parts: string[] = [];
  for (let i = 0; i < TYPES; i++) {
    const use = i % 7 === 3 ? [`struct type_${i - 1} inner`] : [];
    const list = [...members, ...more.slice(i % 4), ...use].map(
      (member, at) => `\t/** Member ${at} of ${i}. */\n\t${member};`,
    );
    const values = Array.from({ length: 4 }, (_, at) => `\tVALUE_${i}_${at} = ${at * i},`);
    const isEnum = i % 10 === 9;
    parts.push(
      isEnum
        ? `enum type_${i} {\n${values.join('\n')}\n};\nstruct type_${i} { enum type_${i}_e *e; };`
        : `/* Type ${i}. */\nstruct type_${i} {\n${list.join('\n')}\n};`,
      `int function_${i}(struct type_${i} *self, unsigned int count);`,
    );
  }
  return parts.map((part) => part.replace(/^enum type_(\d+) \{/, 'enum type_$1_e {')).join('\n');
}

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
  const merged = mergeImports([await importFor(file, x86_64)]);
  printTypeScript(merged, new Map());
  return merged.types.size;
}

/** Why clang cannot be used; undefined if it can. */
async function whyNoClang(): Promise<string | undefined> {
  const { status, stderr } = await run(clangFile(), ['--version']);
  if (status === 0) return undefined;
  return `${clangFile()} does not run (${stderr.trim()}): install clang, or name yours in SYSLETS_CLANG`;
}

async function importCase(): Promise<Cases> {
  const why = await whyNoClang();
  return why === undefined ? compare() : notMeasured('import', why);
}

async function compare(): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-'));
  const file = join(folder, 'large.h');
  writeFileSync(file, headerText());
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
  return compared({ case: `header of ${TYPES} types`, unit: 'ms', baseline }, samples, { types });
}

export const importBench: Bench = {
  name: 'import',
  description: "importing a large header beside clang's own dump of its AST",
  cases: [importCase],
};
