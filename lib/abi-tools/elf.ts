import type { DebugTypes } from '../debug-info/debug-type.ts';
import { readDwarf } from '../debug-info/dwarf.ts';
import { hasDwarf, openSections } from '../debug-info/dwarf-sections.ts';
import { readElfHeader, textAt } from '../debug-info/elf-sections.ts';

/** A reader of relocatable ELF files, for any machine. */
export interface ElfObject {
  /** undefined: no object of that name. */
  bytesOf(symbol: string): Uint8Array | undefined;
  /** undefined: it has no DWARF. */
  debugTypes(): DebugTypes | undefined;
}

const symtab = 2;
const nobits = 8;

/** 32 and 64 bit ELF, either byte order. Throws UserError for anything else. */
export function readElf(file: Buffer): ElfObject {
  const read = (at: number, size: number) => file.subarray(at, at + size);
  const name = "the compiler's output";
  const header = readElfHeader(read, name);
  const { sections } = header;
  const table = sections.find((section) => section.type === symtab);
  const names = table && sections[table.link];
  const found =
    table && names
      ? symbolsIn(read(table.offset, table.size), read(names.offset, names.size), header)
      : new Map<string, ElfSymbol>();
  return {
    bytesOf(symbol) {
      const one = found.get(symbol);
      const section = one && sections[one.section];
      if (!one || !section) return undefined;
      if (section.type === nobits) return new Uint8Array(one.size);
      const start = section.offset + one.value;
      return file.subarray(start, start + one.size);
    },
    debugTypes: () => (hasDwarf(header) ? readDwarf(openSections(read, name), name) : undefined),
  };
}

interface ElfSymbol {
  readonly section: number;
  readonly value: number;
  readonly size: number;
}

interface Form {
  readonly is64: boolean;
  readonly isLittle: boolean;
}

function symbolsIn(table: Buffer, names: Buffer, form: Form): Map<string, ElfSymbol> {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const found = new Map<string, ElfSymbol>();
  const entry = form.is64 ? 24 : 16;
  for (let at = 0; at < table.length; at += entry) {
    found.set(textAt(names, view.getUint32(at, form.isLittle)), symbolAt(view, at, form));
  }
  return found;
}

function symbolAt(view: DataView, at: number, { is64, isLittle }: Form): ElfSymbol {
  const word = (from: number) =>
    is64 ? Number(view.getBigUint64(at + from, isLittle)) : view.getUint32(at + from, isLittle);
  const [section, value, size] = is64 ? [6, 8, 16] : [14, 4, 8];
  return { section: view.getUint16(at + section, isLittle), value: word(value), size: word(size) };
}
