#!/usr/bin/env node
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveMaybe, type Target, type Type, targets } from '../abi/index.ts';
import { ask, type Difference } from './ask.ts';
import { firstLine, proverFor } from './compilers.ts';
import { hasLinuxHeaders } from './header-folders.ts';
import { importFor, type TargetImport } from './import-header.ts';
import { includeLine } from './include-line.ts';
import { mergeImports } from './merge.ts';
import { withoutMacrosOf } from './names-in.ts';
import { questionFor } from './question.ts';
import { HeaderError, sourceFlags } from './read-header.ts';
import { targetNamed } from './spec.ts';

const usage = `abi:headers -- [FOLDER] [--target T]... [--every N] [--from I] [--count N]

Imports each struct and union of each header in FOLDER (/usr/include/linux) for each target, merges
them, and compares every merged definition with what the compiler that knows the target (clang; GCC of m68k) says of the header itself.
  --target T  a target, may be repeated; default: all that Linux's headers are installed for
  --every N   only each Nth header
  --from I, --count N   of these, N from the Ith on: a run in parts
Exit status: 0 no difference, 1 a difference, 2 nothing was checked.`;

interface Tally {
  headers: number;
  records: Set<string>;
  checks: number;
  answers: number;
  readonly failed: Map<string, string>;
  readonly skipped: Map<string, string>;
  readonly differences: (Difference & { readonly where: string })[];
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      target: { type: 'string', multiple: true },
      every: { type: 'string' },
      from: { type: 'string' },
      count: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const folder = resolve(positionals[0] ?? '/usr/include/linux');
  const chosen = chosenTargets(values.target);
  const every = Number(values.every ?? 1);
  const files = readdirSync(folder).filter((name) => name.endsWith('.h'));
  const list = files.sort().filter((_, index) => index % every === 0);
  const from = Number(values.from ?? 0);
  const part = list.slice(from, from + Number(values.count ?? list.length));
  const tally = await checkAll(
    part.map((name) => join(folder, name)),
    chosen,
  );
  report(tally, chosen);
  return tally.differences.length > 0 ? 1 : tally.checks === 0 ? 2 : 0;
}

function chosenTargets(names: readonly string[] | undefined): Target[] {
  if (names) return names.map(targetNamed);
  const all = Object.values(targets).filter((one) => one.name !== 'generic');
  return all.filter(({ name }) => {
    const isHere = hasLinuxHeaders(name);
    if (isHere === false) console.log(`no headers of Linux are installed for ${name}`);
    return isHere === true;
  });
}

async function checkAll(files: readonly string[], chosen: readonly Target[]): Promise<Tally> {
  const tally: Tally = {
    headers: 0,
    records: new Set(),
    checks: 0,
    answers: 0,
    failed: new Map(),
    skipped: new Map(),
    differences: [],
  };
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      await checkHeader(file, chosen, tally);
      if (process.stderr.isTTY)
        process.stderr.write(`\r${files.length - waiting.length}/${files.length} `);
    }
  };
  await Promise.all([worker(), worker()]);
  return tally;
}

async function checkHeader(file: string, chosen: readonly Target[], tally: Tally): Promise<void> {
  const imports: TargetImport[] = [];
  for (const target of chosen) {
    const made = await importOrReason(file, target);
    if (typeof made === 'string') tally.skipped.set(`${file} on ${target.name}`, made);
    else imports.push(made);
  }
  if (imports.length === 0) return;
  tally.headers += 1;
  for (const { failures } of imports) {
    for (const [name, reason] of failures) {
      tally.records.add(`${file} ${name}`);
      tally.failed.set(`${file} ${name}`, reason);
    }
  }
  const merged = mergeImports(imports);
  for (const { target, types } of imports) {
    const own = [...merged.types].filter(([name, type]) => {
      return types.has(name) && merged.nameOf(type) === name;
    });
    await checkOn(file, target, own, tally);
  }
}

async function importOrReason(file: string, target: Target): Promise<TargetImport | string> {
  try {
    return await importFor(file, target);
  } catch (error) {
    if (error instanceof HeaderError) return firstLine(error.message);
    throw error;
  }
}

async function checkOn(
  file: string,
  target: Target,
  types: readonly (readonly [string, Type])[],
  tally: Tally,
): Promise<void> {
  const present = types.flatMap(([name, type]): [string, Type][] => {
    const settled = resolveMaybe(type, target);
    if (!settled || !isAsked(settled)) return [];
    if (settled.kind !== 'enum') tally.records.add(`${file} ${name}`);
    return [[name, settled]];
  });
  const compiler = await proverFor(target.name);
  if (!compiler || present.length === 0) return;
  const flags = sourceFlags({}, target, compiler);
  const sourceOf = (some: readonly [string, Type][]) => ({
    prelude: `${includeLine(file)}\n${withoutMacrosOf(some, target)}`,
    questions: some.map(([name, type]) => questionFor(name, type, target)),
    flags,
  });
  const answer = await ask(present, sourceOf, target, compiler);
  const where = `${file} on ${target.name}`;
  for (const { record, reason } of answer.refusals) {
    tally.differences.push({ where, record, what: reason, ours: '', theirs: 'refused' });
  }
  tally.checks += present.length;
  tally.answers += answer.asked;
  tally.differences.push(...answer.differences.map((one) => ({ ...one, where })));
}

function isAsked(type: Type): boolean {
  return ['struct', 'union', 'enum', 'aligned'].includes(type.kind);
}

function report(tally: Tally, chosen: readonly Target[]): void {
  for (const [where, reason] of tally.skipped)
    console.log(`does not compile alone: ${where}: ${reason}`);
  for (const [name, reason] of tally.failed) console.log(`not imported: ${name}: ${reason}`);
  for (const { where, record, what, ours, theirs } of tally.differences) {
    console.log(`difference: ${where}: ${record}: ${what}: ours ${ours}, theirs ${theirs}`);
  }
  const count = tally.records.size;
  const share = count === 0 ? 0 : (100 * tally.failed.size) / count;
  const names = chosen.map((target) => target.name).join(', ');
  console.log(
    `${tally.headers} headers, ${count} structs and unions on ${chosen.length} targets (${names})`,
  );
  console.log(`${tally.checks} checks, ${tally.answers} answers and objects compared`);
  console.log(
    `${tally.failed.size} not imported (${share.toFixed(2)} %), ${tally.differences.length} differences`,
  );
}

process.exitCode = await main();
