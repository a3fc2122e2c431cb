import { byteCount } from '../abi/byte-count.ts';
import { withFile } from '../debug-info/binary-file.ts';
import { type DynamicSymbol, dynamicSymbols } from '../debug-info/dynamic-symbols.ts';
import { isElf, readElfHeader } from '../debug-info/elf-sections.ts';
import type { DiffRow } from './diff.ts';

/** The symbols that a library or a program exports; undefined of objects, and of what is no ELF file. */
export function exportedSymbols(file: string): readonly DynamicSymbol[] | undefined {
  return withFile(file, (read) =>
    isElf(read(0, 4)) ? dynamicSymbols(read, readElfHeader(read, file), file) : undefined,
  );
}

/** What differs between the symbols of an old library and a new one, by their names. */
export function diffSymbols(
  a: readonly DynamicSymbol[],
  b: readonly DynamicSymbol[],
): readonly DiffRow[] {
  const there = new Map(b.map((symbol) => [keyOf(symbol), symbol]));
  const named = (some: readonly DynamicSymbol[]) => new Map(some.map((one) => [one.name, one]));
  const firsts = named(b.filter((one) => one.isFirst));
  const defaults = named(b.filter((one) => one.isDefault));
  // A program that asks for no version gets the oldest one, and the default one where that lacks the name.
  const forNone = ({ name }: DynamicSymbol) => firsts.get(name) ?? defaults.get(name);
  const paired = new Set<string>();
  const rows = a.flatMap((old) => {
    const now = there.get(keyOf(old)) ?? (old.version === undefined ? forNone(old) : undefined);
    if (now === undefined) return [gone(old)];
    paired.add(keyOf(now));
    return changed(old, now);
  });
  return [...rows, ...b.filter((one) => !paired.has(keyOf(one))).map(added)].sort(byName);
}

function byName({ what: a }: DiffRow, { what: b }: DiffRow): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function keyOf({ name, version }: DynamicSymbol): string {
  return version === undefined ? name : `${name}@${version}`;
}

/** As linkers write it: `name@@VERSION` is the default one. */
function nameOf({ name, version, isDefault }: DynamicSymbol): string {
  return version === undefined ? name : `${name}${isDefault ? '@@' : '@'}${version}`;
}

function isVariable({ kind }: DynamicSymbol): boolean {
  return kind === 'variable' || kind === 'thread-local variable';
}

function textOf(symbol: DynamicSymbol): string {
  return isVariable(symbol) ? `${symbol.kind}, ${byteCount(symbol.bytes)}` : symbol.kind;
}

function gone(symbol: DynamicSymbol): DiffRow {
  return { what: nameOf(symbol), a: textOf(symbol), b: '-', breaks: 'symbol' };
}

function added(symbol: DynamicSymbol): DiffRow {
  return { what: nameOf(symbol), a: '-', b: textOf(symbol), breaks: 'name' };
}

function changed(old: DynamicSymbol, now: DynamicSymbol): DiffRow[] {
  const [name, other] = [nameOf(old), nameOf(now)];
  const [a, b] = [textOf(old), textOf(now)];
  if (name === other && a === b) return [];
  const isUntold = old.kind === 'symbol' || now.kind === 'symbol';
  const what = name === other ? name : `${name} -> ${other}`;
  return [{ what, a, b, breaks: a === b || isUntold ? 'name' : 'symbol' }];
}
