/** A reader of relocatable ELF files: the bytes of a named object, for any machine. */
export interface ElfObject {
  /** undefined: no object of that name. */
  bytesOf(symbol: string): Uint8Array | undefined;
}

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

const symtab = 2;
const nobits = 8;

/** 32 and 64 bit ELF, either byte order. Throws Error for anything else. */
export function readElf(file: Uint8Array): ElfObject {
  if (file[0] !== 0x7f || file[1] !== 0x45 || file[2] !== 0x4c || file[3] !== 0x46) {
    throw new Error('the compiler did not write an ELF object file');
  }
  const reader = new ElfReader(file);
  const sections = reader.sections();
  const symbols = reader.symbols(sections);
  return {
    bytesOf(symbol) {
      const found = symbols.get(symbol);
      const section = found && sections[found.section];
      if (!found || !section) return undefined;
      if (section.type === nobits) return new Uint8Array(found.size);
      const start = section.offset + found.value;
      return file.subarray(start, start + found.size);
    },
  };
}

interface ElfSymbol {
  readonly section: number;
  readonly value: number;
  readonly size: number;
}

class ElfReader {
  readonly #view: DataView;
  readonly #file: Uint8Array;
  readonly #is64: boolean;
  readonly #little: boolean;

  constructor(file: Uint8Array) {
    this.#file = file;
    this.#view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    this.#is64 = file[4] === 2;
    this.#little = file[5] === 1;
  }
  #u16(at: number): number {
    return this.#view.getUint16(at, this.#little);
  }
  #u32(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }
  /** An address-sized number. */
  #word(at: number): number {
    return this.#is64 ? Number(this.#view.getBigUint64(at, this.#little)) : this.#u32(at);
  }
  sections(): Section[] {
    const table = this.#word(this.#is64 ? 40 : 32);
    const entry = this.#u16(this.#is64 ? 58 : 46);
    const first = this.#u16(this.#is64 ? 60 : 48);
    // More than 0xff00 sections: the count stands in the first section's size.
    const count = first > 0 ? first : this.#word(table + (this.#is64 ? 32 : 20));
    return Array.from({ length: count }, (_, index) => this.#section(table + index * entry));
  }
  #section(at: number): Section {
    const [offset, size, link] = this.#is64 ? [24, 32, 40] : [16, 20, 24];
    return {
      type: this.#u32(at + 4),
      offset: this.#word(at + offset),
      size: this.#word(at + size),
      link: this.#u32(at + link),
    };
  }
  symbols(sections: readonly Section[]): Map<string, ElfSymbol> {
    const found = new Map<string, ElfSymbol>();
    const table = sections.find((section) => section.type === symtab);
    const names = table && sections[table.link];
    if (!table || !names) return found;
    const entry = this.#is64 ? 24 : 16;
    for (let at = table.offset; at < table.offset + table.size; at += entry) {
      found.set(this.#name(names.offset + this.#u32(at)), this.#symbol(at));
    }
    return found;
  }
  #symbol(at: number): ElfSymbol {
    if (this.#is64) {
      return { section: this.#u16(at + 6), value: this.#word(at + 8), size: this.#word(at + 16) };
    }
    return { section: this.#u16(at + 14), value: this.#u32(at + 4), size: this.#u32(at + 8) };
  }
  #name(at: number): string {
    const end = this.#file.indexOf(0, at);
    return Buffer.from(this.#file.subarray(at, end)).toString('latin1');
  }
}
