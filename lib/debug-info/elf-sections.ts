import { UserError } from '../user-error.ts';

/** Some bytes of a file; fewer where it ends. */
export type ReadAt = (at: number, size: number) => Buffer;

/** A section of an ELF file: an object, a program, a library, a kernel module. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

export interface ElfHeader {
  readonly is64: boolean;
  readonly isLittle: boolean;
  /** ET_… of elf.h: 1 is an object file, which is not linked. */
  readonly type: number;
  /** EM_… of elf.h. */
  readonly machine: number;
  readonly sections: readonly ElfSection[];
}

const headerBytes = 64;

/** Whether a file begins as ELF files do. */
export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/** 32 and 64 bit, either byte order, of any kind. Throws UserError for what is none. */
export function readElfHeader(read: ReadAt, file: string): ElfHeader {
  const head = read(0, headerBytes);
  if (!isElf(head)) throw new UserError(`${file} is no ELF file`);
  const [is64, isLittle] = [head[4] === 2, head[5] === 1];
  if (head.length < (is64 ? 64 : 52)) throw new UserError(`${file} ends in its ELF header`);
  const number = new Numbers(head, is64, isLittle);
  const table = number.word(is64 ? 40 : 32);
  const entry = number.u16(is64 ? 58 : 46);
  const [type, machine] = [number.u16(16), number.u16(18)];
  const counts = [number.u16(is64 ? 60 : 48), number.u16(is64 ? 62 : 50)] as const;
  const sections =
    table === 0 ? [] : sectionsOf(read, file, { table, entry, counts, is64, isLittle });
  return { is64, isLittle, type, machine, sections };
}

interface Table {
  readonly table: number;
  readonly entry: number;
  /** Of sections, and the index of the one with their names, as the header has them. */
  readonly counts: readonly [count: number, names: number];
  readonly is64: boolean;
  readonly isLittle: boolean;
}

type Unnamed = Omit<ElfSection, 'name'> & { readonly at: number };

function sectionsOf(read: ReadAt, file: string, given: Table): ElfSection[] {
  const { table, entry, counts, is64, isLittle } = given;
  const numbers = (at: number) => {
    const bytes = read(at, entry);
    if (bytes.length < entry) throw new UserError(`${file} ends in its table of sections`);
    return new Numbers(bytes, is64, isLittle);
  };
  if (entry < (is64 ? 64 : 40)) throw new UserError(`${file} has a damaged ELF header`);
  // More than 0xff00 sections: both numbers stand in the first section.
  const first = sectionOf(numbers(table), is64);
  const count = counts[0] > 0 ? counts[0] : first.size;
  const whole = read(table, count * entry);
  if (whole.length < count * entry) throw new UserError(`${file} ends in its table of sections`);
  const list = Array.from({ length: count }, (_, index) =>
    sectionOf(new Numbers(whole.subarray(index * entry), is64, isLittle), is64),
  );
  const names = list[counts[1] === 0xffff ? first.link : counts[1]];
  const text = names ? read(names.offset, names.size) : Buffer.alloc(0);
  return list.map(({ at, ...rest }) => ({ ...rest, name: textAt(text, at) }));
}

function sectionOf(number: Numbers, is64: boolean): Unnamed {
  const [flags, offset, size, link] = is64 ? [8, 24, 32, 40] : [8, 16, 20, 24];
  return {
    at: number.u32(0),
    type: number.u32(4),
    flags: number.word(flags),
    offset: number.word(offset),
    size: number.word(size),
    link: number.u32(link),
    info: number.u32(link + 4),
  };
}

/** The text from `at` up to its NUL. */
export function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', at, end < 0 ? bytes.length : end);
}

/** Numbers of a file's word size and byte order. */
class Numbers {
  readonly #view: DataView;
  readonly #is64: boolean;
  readonly #isLittle: boolean;

  constructor(bytes: Uint8Array, is64: boolean, isLittle: boolean) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#is64 = is64;
    this.#isLittle = isLittle;
  }
  u16(at: number): number {
    return this.#view.getUint16(at, this.#isLittle);
  }
  u32(at: number): number {
    return this.#view.getUint32(at, this.#isLittle);
  }
  /** An address-sized number. */
  word(at: number): number {
    return this.#is64 ? Number(this.#view.getBigUint64(at, this.#isLittle)) : this.u32(at);
  }
}
