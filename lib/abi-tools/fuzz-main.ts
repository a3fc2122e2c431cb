#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { type FuzzRow, fuzz } from './fuzz.ts';
import { fuzzHeaders, type HeaderFuzzOptions } from './fuzz-headers.ts';
import { targetsNamed } from './spec.ts';

const usage = `abi:fuzz -- [--count N] [--bytes N] [--seed S] [--target T]...
abi:fuzz -- --headers [--count N] [--from I] [--seed S]

Lays N random structs out for every target and compares each with what clang (m68k: GCC) says.
  --count N   structs (3000)
  --bytes N   of these, how many have an initialised object's bytes compared (300)
  --every-compiler   ask each compiler of each target that is installed, not clang alone
  --target T  ask about this target alone, may be repeated; T:c++ with C++'s rules, all:c++ all of them
              (default: all, in C)
  --seed S    decides the structs; the default is taken from the clock and printed
  --headers   N headers whose names, attributes and directives mislead (2000), imported for every
              target for which a compiler is here (m68k: GCC), and as many that C++ can read, too, for three of these with C++'s
              rules: each type right, or refused with a reason that names the member
  --from I    with --headers, the first one's number: --seed S --from I --count 1 makes one again
Exit status: 0 no difference, 1 a difference or a refusal, 2 nothing was checked.`;

function whole(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`'${text}': expected an integer from 0 up`);
}

function printRow(row: FuzzRow): void {
  const name = `${row.target.padEnd(18)} ${row.compiler.padEnd(18)}`;
  if (row.notChecked) console.log(`${name} not checked: ${row.notChecked}`);
  else if (row.refused) console.log(`${name} refused our source:\n${row.refused}`);
  else {
    const counts = `${row.structs} structs, ${row.asked} answers, ${row.objects} objects`;
    console.log(`${name} ${counts}, ${row.differences.length} differences`);
  }
  for (const one of row.differences.slice(0, 20)) {
    console.log(`  ${one.record}: ${one.what}: ours ${one.ours}, theirs ${one.theirs}`);
  }
}

async function headers(options: HeaderFuzzOptions): Promise<number> {
  const { seed, from, count } = options;
  console.log(`seed ${seed}, ${count} headers from ${from}`);
  const onProgress = (done: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done}/${count} `);
  };
  const made = await fuzzHeaders({ ...options, onProgress });
  for (const [index, text] of [...made.texts].slice(0, 5)) {
    console.log(`--seed ${seed} --from ${index} --count 1:\n${text}`);
  }
  for (const { header, target, type, what } of made.faults.slice(0, 40)) {
    console.log(`header ${header} on ${target}: ${type}: ${what}`);
  }
  const { right, refused, faults } = made;
  console.log(
    `${made.headers} headers on ${made.targets.length} targets (${made.targets.join(', ')})`,
  );
  console.log(`${right} types right, ${refused} refused with a reason, ${faults.length} faults`);
  return faults.length > 0 ? 1 : right === 0 ? 2 : 0;
}

async function main(): Promise<number> {
  const options = { count: { type: 'string' }, seed: { type: 'string' } } as const;
  const more = { bytes: { type: 'string' }, 'every-compiler': { type: 'boolean' } } as const;
  const nasty = { headers: { type: 'boolean' }, from: { type: 'string' } } as const;
  const some = { target: { type: 'string', multiple: true } } as const;
  const { values } = parseArgs({
    options: { ...options, ...more, ...nasty, ...some, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const seed = whole(values.seed, Date.now() % 2 ** 32);
  const asked = values.target?.flatMap(targetsNamed);
  if (values.headers) {
    return headers({ seed, from: whole(values.from, 0), count: whole(values.count, 2000), asked });
  }
  const count = whole(values.count, 3000);
  console.log(`seed ${seed}, ${count} structs`);
  const everyCompiler = values['every-compiler'] === true;
  const rows = await fuzz({ count, seed, bytes: whole(values.bytes, 300), everyCompiler, asked });
  for (const row of rows) printRow(row);
  const checked = rows.filter((row) => row.structs > 0);
  const bad = rows.filter((row) => row.differences.length > 0 || row.refused);
  const total = rows.reduce((sum, row) => sum + row.differences.length, 0);
  console.log(`${checked.length} targets checked, ${total} differences`);
  return bad.length > 0 ? 1 : checked.length === 0 ? 2 : 0;
}

process.exitCode = await main();
