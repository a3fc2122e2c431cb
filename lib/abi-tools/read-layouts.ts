import { resolve } from 'node:path';
import { behindIn } from './behind.ts';
import type { CDeclarations, CHeader } from './c-model.ts';
import { clangFile } from './compilers.ts';
import { includeLine, withoutMacros } from './include-line.ts';
import { type DumpedLayout, RecordDump } from './record-dump.ts';
import { compileUnit } from './units.ts';
import { unknownAligns } from './unknown-aligns.ts';

/**
 * Asks for the size of every type, which makes clang lay it out and print what it found. A struct
 * of ours that is as long as an alignment makes it print that.
 */
export async function readLayouts(
  file: string,
  flags: readonly string[],
  declared: CDeclarations,
): Promise<Pick<CHeader, 'layouts' | 'aligns'>> {
  const behind = behindIn(declared, (one) => one === resolve(file)).flatMap(
    ({ record, expression = [] }) => (record.kind === 'enum' ? [] : expression),
  );
  const names = [...namesOf(declared), ...behind.map((one) => `__typeof__(${one})`)];
  const unknown = unknownAligns(declared);
  const asked = names.map((name, at) => sizeQuestion(`syslets_size_${at}`, name));
  const alignTag = (at: number) => `syslets_align_${at}`;
  const structs = unknown.map(({ expression }, at) => {
    const tag = alignTag(at);
    const struct = `struct ${tag} { char bytes[_Alignof(${expression})]; };`;
    return `${struct}\n${sizeQuestion(`of_${tag}`, `struct ${tag}`)}`;
  });
  const words = withoutMacros([...names, ...unknown.map(({ expression }) => expression)]);
  const prelude = `${includeLine(file)}\n${words}`;
  const layouts = await dumped(`${prelude}${asked.join('')}${structs.join('')}`, flags);
  const aligns = unknown.flatMap(({ of }, at): [typeof of, number][] => {
    const told = layouts.layoutOf(alignTag(at))?.sizeBits;
    return told === undefined ? [] : [[of, told / 8]];
  });
  await keepOwn(layouts, declared, prelude, flags);
  return { layouts, aligns: new Map(aligns) };
}

function namesOf({ records, typedefs }: CDeclarations): string[] {
  const untagged = [...typedefs.values()].filter(({ inline }) => inline && inline.kind !== 'enum');
  return [...records.keys(), ...untagged.map(({ name }) => name)];
}

/** What is unavailable may be named by what is unavailable itself. */
function sizeQuestion(alias: string, name: string): string {
  return `__attribute__((unavailable)) typedef char ${alias}[sizeof(${name})];\n`;
}

/**
 * A function can have a type of the same tag inside, and clang prints no place of either: a struct
 * of ours is as long and as strictly aligned as the header's own.
 */
async function keepOwn(
  layouts: RecordDump,
  { records }: CDeclarations,
  prelude: string,
  flags: readonly string[],
): Promise<void> {
  const shared = layouts.shared.filter((name) => records.has(name));
  if (shared.length === 0) return;
  const tagOf = (at: number) => `syslets_own_${at}`;
  const asked = shared.map((name, at) => {
    const members = `char size[sizeof(${name})]; char align[_Alignof(${name})];`;
    const tag = tagOf(at);
    return `__attribute__((unavailable)) struct ${tag} { ${members} };\n${sizeQuestion(`of_${tag}`, `struct ${tag}`)}`;
  });
  const answers = await dumped(prelude + asked.join(''), flags);
  shared.forEach((name, at) => {
    const own = wholeOf(answers.layoutOf(tagOf(at)));
    if (own) layouts.keep(name, own);
  });
}

/** Bytes of ours stand for bits of theirs, which a dump counts. */
function wholeOf(told: DumpedLayout | undefined) {
  const sizeBits = told?.fieldBits[1];
  return told && sizeBits !== undefined
    ? { sizeBits, alignBits: told.sizeBits - sizeBits }
    : undefined;
}

const dumpFlags = ['-fdump-record-layouts', '-fdump-record-layouts-simple'];

/** A type that cannot be asked for leaves the others as they are. */
async function dumped(input: string, flags: readonly string[]): Promise<RecordDump> {
  const asked = dumpFlags.flatMap((flag) => ['-Xclang', flag]);
  const args = [...flags, '-w', '-ferror-limit=0', ...asked];
  const unit = { args, source: { text: input }, wants: 'layouts' } as const;
  const { stdout } = await compileUnit(clangFile(), unit);
  return new RecordDump(stdout.toString());
}
