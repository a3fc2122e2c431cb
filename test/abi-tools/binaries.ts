import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Target, targets } from '../../lib/abi/index.ts';
import { clangArgs, clangFile, compilersFor } from '../../lib/abi-tools/compilers.ts';
import { CEmitter } from '../../lib/abi-tools/emit-c.ts';
import { factsOf } from '../../lib/abi-tools/facts.ts';
import { TypeMaker } from '../../lib/abi-tools/fuzz-types.ts';
import type { TargetImport } from '../../lib/abi-tools/import-header.ts';
import { Random } from '../../lib/abi-tools/random.ts';

/** Binaries that tests make of C sources. */

/** Why a program cannot be run; undefined if it can. */
export function whyNo(program: string): string | undefined {
  const { error } = spawnSync(program, ['--version']);
  return error ? `${program} is not installed` : undefined;
}

export function run(program: string, args: readonly string[], input = ''): void {
  const { status, stderr } = spawnSync(program, args, { input });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

/** Those whose objects are ELF, of which one has no machine of its own. */
export const elfTargets: readonly Target[] = Object.values(targets).filter(
  ({ name }) => name !== 'generic' && !compilersFor(name).some(({ needsStandIn }) => needsStandIn),
);

let count = 0;

/** A source of C as an object for a target. m68k's compiler is GCC. */
export function objectFor(
  folder: string,
  text: string,
  target: Target,
  flags: readonly string[],
  compiler = target.name === 'm68k' ? 'm68k-linux-gnu-gcc' : clangFile(),
): string {
  const file = join(folder, `${target.name}-${count++}.o`);
  const own = compiler === clangFile() ? (clangArgs(target.name) ?? []) : [];
  run(compiler, [...own, ...flags, '-w', '-x', 'c', '-c', '-o', file, '-'], text);
  return file;
}

export interface Source {
  readonly records: CEmitter['records'];
  readonly text: string;
}

/** Random structs, declared and used. */
export function randomSource(seed: number, target: Target, size: number): Source {
  const maker = new TypeMaker(new Random(seed), [target]);
  const emitter = new CEmitter(target);
  for (let at = 0; at < size; at++) emitter.declareRecord(maker.record());
  const { records } = emitter;
  const uses = records.map(({ name }, at) => `${name} *use_${at};`);
  return { records, text: [emitter.text, ...uses].join('\n') };
}

/**
 * Right or refused, and refused next to never: some packed unions have no other declaration, and in
 * DWARF 4 of clang the elements of some arrays may be _Atomic.
 */
export function expectSame(
  { types, failures }: TargetImport,
  target: Target,
  records: Source['records'],
): void {
  const refused: string[] = [];
  for (const { name, type } of records) {
    const found = types.get(name);
    if (found) expect([name, ...factsOf(found, target)]).toEqual([name, ...factsOf(type, target)]);
    else refused.push(`${name}: ${failures.get(name)}`);
  }
  const unknown = refused.filter((line) => line.includes('may be _Atomic'));
  expect(unknown.length, unknown.join('\n')).toBeLessThanOrEqual(records.length / 20);
  const rest = refused.length - unknown.length;
  expect(rest, refused.join('\n')).toBeLessThanOrEqual(records.length / 50);
}
