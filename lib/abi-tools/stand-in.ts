import { clangFile, firstLine } from './compilers.ts';
import { run } from './run.ts';
import { compileUnit } from './units.ts';

/**
 * Objects that are not ELF (Mach-O, COFF, WebAssembly) have no reader here, and need none: clang's front
 * end computes all of an ABI, for the real target, before LLVM writes anything. What it makes, LLVM's own
 * language, is then written as ELF for a machine whose data has the same alignments: a stand-in.
 */

export interface StandIn {
  readonly triple: string;
  /** Its `target datalayout`. */
  readonly layout: string;
}

/** Machines with ELF, by what their pointers and wide types are aligned to. */
const triples = [
  'x86_64-linux-gnu',
  'aarch64-linux-gnu',
  'x86_64-linux-gnux32',
  'arm-linux-gnueabihf',
  'sparcel-unknown-elf',
];

/** Bits that data is aligned to, by LLVM's names of types. */
type Alignments = Readonly<Record<string, number>>;

/** LLVM's own; a wide integer is aligned as the widest that a data layout names. */
const defaults: Alignments = {
  big: 0,
  p: 64,
  'size of p': 64,
  i1: 8,
  i8: 8,
  i16: 16,
  i32: 32,
  i64: 32,
  f16: 16,
  f32: 32,
  f64: 64,
  f128: 128,
};

/**
 * What a data layout such as `e-p:32:32-i64:64` says of byte order and alignments, also of pointers of
 * other address spaces. Those of 8 bits are WebAssembly's references, which no memory holds.
 */
export function alignmentsIn(layout: string): Alignments {
  const found: Record<string, number> = { ...defaults };
  for (const part of layout.split('-')) {
    const [name = '', first, second] = part.split(':');
    if (name === 'E') found.big = 1;
    if (/^[if]\d+$/.test(name)) found[name] = Number(first);
    if (!/^p\d*$/.test(name) || first === '8') continue;
    found[name] = Number(second);
    found[`size of ${name}`] = Number(first);
  }
  const widths = Object.keys(found).flatMap((name) => Number(/^i(\d+)$/.exec(name)?.[1] ?? 0));
  return { ...found, i128: found[`i${Math.max(...widths)}`] ?? 0 };
}

/** Whether data of the one is where that of the other is. `f80` is no type that both must have. */
export function isSameData(layout: string, other: string): boolean {
  const [ours, theirs] = [alignmentsIn(layout), alignmentsIn(other)];
  const names = Object.keys(theirs).filter((name) => name !== 'f80' || 'f80' in ours);
  return [...names, ...Object.keys(ours)].every((name) => ours[name] === theirs[name]);
}

const line = (name: string) => new RegExp(`^target ${name} = "(.*)"$`, 'm');

/** What a source in LLVM's language says of its data. */
function layoutIn(source: string): string | undefined {
  return line('datalayout').exec(source)?.[1];
}

/** Instructions of the real machine, which move no data. */
const assembly = /^module asm .*$/gm;

const known = new Map<string, Promise<string | undefined>>();

/** The data layout of a target; undefined where clang has no such target. */
function layoutOf(triple: string): Promise<string | undefined> {
  const found = known.get(triple) ?? askLayout(triple);
  known.set(triple, found);
  return found;
}

async function askLayout(triple: string): Promise<string | undefined> {
  const args = [`--target=${triple}`, '-x', 'c', '-S', '-emit-llvm', '-o', '-', '-'];
  const { status, stdout } = await run(clangFile(), args);
  return status === 0 ? layoutIn(stdout.toString()) : undefined;
}

/** The same source for a stand-in; or why there is none. */
async function standInFor(layout: string): Promise<StandIn | string> {
  for (const triple of triples) {
    const found = await layoutOf(triple);
    if (found !== undefined && isSameData(layout, found)) return { triple, layout: found };
  }
  return `no machine with ELF has data that is aligned by '${layout}'`;
}

/** An object in ELF of a source in LLVM's language; the compiler's message if it fails. */
export async function elfOf(source: string): Promise<Buffer | string> {
  const layout = layoutIn(source);
  if (layout === undefined) return `${clangFile()} gave no data layout`;
  const found = await standInFor(layout);
  if (typeof found === 'string') return found;
  const text = source
    .replace(line('datalayout'), `target datalayout = "${found.layout}"`)
    .replace(line('triple'), `target triple = "${found.triple}"`)
    .replaceAll(assembly, '');
  const args = [`--target=${found.triple}`, '-fintegrated-as', '-w', '-O0', '-x', 'ir'];
  const made = await compileUnit(clangFile(), { args, source: { text }, wants: 'object' });
  const { status, stderr, file } = made;
  if (status === 0 && file) return file;
  return firstLine(stderr) || `${clangFile()} failed (${status})`;
}
