import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Target } from '../abi/index.ts';
import { AstStream } from './ast-stream.ts';
import type { CHeader } from './c-model.ts';
import { headerFault, noClangFault, remediesFor } from './clang-fault.ts';
import { Collector } from './collect.ts';
import { type Compiler, clangFile, readerArgs } from './compilers.ts';
import { foreignIn, includedIn, includesFlag, mayBeForeign, noForeign } from './foreign-layout.ts';
import { headerFolders } from './header-folders.ts';
import { ignoredFlags, ignoredIn } from './ignored.ts';
import { mayPack, packsIn } from './pragma-pack.ts';
import { readLayouts } from './read-layouts.ts';
import type { Outcome } from './run.ts';
import type { Unit } from './unit.ts';
import { compileUnit } from './units.ts';

export interface HeaderOptions {
  /** Whether scalars that are `_Atomic` are read as what they are without: their layout is proven, too. */
  readonly readsAtomics?: boolean;
  /** -I */
  readonly include?: readonly string[];
  /** -D, `NAME` or `NAME=VALUE` */
  readonly define?: readonly string[];
  /** -std: by which C a header is read; default gnu11. */
  readonly std?: string;
  /** Called with the target and how much of the header has been read, 0 to 1. */
  readonly onProgress?: (target: string, fraction: number) => void;
}

/** clang could not make an AST; the message is the compiler's own. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
  /** What to do about it, where that is known; the message ends with it. */
  readonly remedies: readonly string[];

  constructor(message: string, remedies: readonly string[] = []) {
    super([message, ...remedies].join('\n'));
    this.remedies = remedies;
  }
}

/** The flags under which a header is read, for clang. */
export function headerFlags(target: string, options: HeaderOptions): string[] {
  return [...(readerArgs(target) ?? []), ...headerFolders(target), ...userFlags(options)];
}

/** -I and -D as the user gave them, for any compiler. */
function userFlags(options: HeaderOptions): string[] {
  return [
    ...(options.include ?? []).map((folder) => `-I${resolve(folder)}`),
    ...(options.define ?? []).map((name) => `-D${name}`),
  ];
}

/** Reads a header as `target` sees it. Throws HeaderError with clang's message. */
export async function readHeader(
  file: string,
  target: string,
  options: HeaderOptions = {},
): Promise<CHeader> {
  if (!readerArgs(target))
    throw new HeaderError(`clang, by which headers are read, has no ${target}`);
  const { collector, ignored, hasPacks } = await readDeclarations(file, target, options);
  const { records, enums, typedefs, objects, looseEnums, enumerators, parents } = collector;
  const declared = { records, enums, typedefs, objects, looseEnums, enumerators, parents };
  const flags = [...headerFlags(target, options), ...languageFlags(options)];
  const { layouts, aligns } = collector.needsLayouts
    ? await readLayouts(file, [...flags, '-fsyntax-only'], collector)
    : { layouts: undefined, aligns: new Map() };
  // With the lines that tell which file each part is from.
  const packs = hasPacks
    ? packsIn(await preprocessed([...flags, '-w', '-E'], { file: resolve(file) }))
    : undefined;
  return { ...declared, layouts, aligns, packs, ignored };
}

async function readDeclarations(file: string, target: string, options: HeaderOptions) {
  const collector = new Collector();
  const progress = progressOf(file, target, options);
  let isTold = false;
  const stream = new AstStream((declaration) => {
    isTold = true;
    collector.add(declaration);
    progress(collector.current);
  });
  const onOutput = (piece: Buffer) => stream.push(piece);
  const dump = ['-fparse-all-comments', '-Xclang', '-ast-dump=json'];
  const flags = headerFlags(target, options);
  const args = [
    ...flags,
    ...languageFlags(options),
    '-fsyntax-only',
    ...ignoredFlags,
    includesFlag,
    ...dump,
  ];
  const source = { file: resolve(file) };
  const unit = { args, source, wants: 'declarations', onOutput } as const;
  const { stderr } = await readUnit(unit, file);
  // Even of an empty file clang tells what is built in.
  if (!isTold) await requireClang();
  const isPlain = !options.define?.length && !mayBeForeign(resolve(file), stderr);
  const foreign = isPlain
    ? noForeign
    : foreignIn(await preprocessed([...flags, ...languageFlags(options), ...preprocess], source));
  const hasPacks = collector.hasPacks || includedIn(resolve(file), stderr).some(mayPack);
  return { collector, ignored: ignoredIn(stderr, collector, foreign), hasPacks };
}

async function preprocessed(args: readonly string[], source: Unit['source']): Promise<string> {
  const { stdout } = await compileUnit(clangFile(), { args, source, wants: 'preprocessed' });
  return stdout.toString();
}

/** Steps of the bar. */
const steps = 100;

/** The line in the header itself tells how much has been read. */
function progressOf(file: string, target: string, { onProgress }: HeaderOptions) {
  if (!onProgress) return () => undefined;
  const own = resolve(file);
  const lines = readFileSync(own, 'utf8').split('\n').length;
  let last = -1;
  return (current: { readonly file: string; readonly line: number }) => {
    const step = Math.floor((current.line / lines) * steps);
    if (current.file !== own || step <= last) return;
    last = step;
    onProgress(target, step / steps);
  };
}

const preprocess = ['-w', '-E', '-P'];

/** A header is read as C, whatever it is compiled as. */
function languageFlags({ std = usualStd }: HeaderOptions): string[] {
  return ['-x', 'c', `-std=${std.includes('++') ? usualStd : std}`];
}

/** Those under which a compiler reads a source that includes the header, in the target's language. */
export function sourceFlags(
  options: HeaderOptions,
  target: Target,
  compiler: Compiler,
): readonly string[] {
  return [
    // GCC knows where its own headers lie.
    ...(compiler.file === clangFile() ? headerFolders(target.name) : []),
    ...userFlags(options),
    ...standardFlags(options, target, compiler),
  ];
}

/** Where the user asked for a standard of that language. */
function standardFlags(
  { std }: HeaderOptions,
  { language = 'c' }: Target,
  compiler: Compiler,
): string[] {
  const isCpp = std?.includes('++') === true;
  if (std === undefined || isCpp !== (language === 'c++')) return [];
  // GCC has called it so until version 13.
  const name = compiler.file === clangFile() ? std : std.replace(/^(c|gnu)(\+\+)?23$/, '$1$22x');
  return [`-std=${name.replace('++2x', '++2b')}`];
}

const usualStd = 'gnu11';

async function readUnit(unit: Unit, file: string): Promise<Outcome> {
  const outcome = await compileUnit(clangFile(), unit);
  if (outcome.status === 0) return outcome;
  if (outcome.status !== undefined) {
    await requireClang();
    throw new HeaderError(headerFault(outcome.stderr), remediesFor(outcome.stderr, file));
  }
  const remedy = 'headers are read by clang: install it, or name yours in SYSLETS_CLANG';
  const why = outcome.stderr.trim();
  throw new HeaderError(`${clangFile()} could not be started (${why}); ${remedy}`);
}

async function requireClang(): Promise<void> {
  const fault = await noClangFault();
  if (fault) throw new HeaderError(fault);
}
