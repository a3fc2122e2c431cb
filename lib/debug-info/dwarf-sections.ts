import { sectionBytes } from './binary-file.ts';
import { type ElfHeader, type ElfSection, type ReadAt, readElfHeader } from './elf-sections.ts';
import { type BytesOf, relocate, relocationsOf } from './relocate.ts';
import { PagedSection, type Section, WholeSection } from './section-bytes.ts';

/** The sections with DWARF of one ELF file. */
export interface DwarfSections {
  readonly isLittle: boolean;
  /** .debug_info and .debug_types; of an object file, where each type may have its own, all of them. */
  readonly info: readonly { readonly section: Section; readonly isTypes: boolean }[];
  readonly abbrev: Section;
  readonly str: Section;
  readonly lineStr: Section;
  readonly strOffsets: Section;
}

export function hasDwarf(header: ElfHeader): boolean {
  return header.sections.some((one) => one.type !== nobits && isNamed(one, 'debug_info'));
}

/** SHT_NOBITS: of a separate debug file the program's own sections, or the other way round. */
const nobits = 8;

/** Old GNU tools renamed what they compressed. */
function isNamed({ name }: ElfSection, wanted: string): boolean {
  return name === `.${wanted}` || name === `.z${wanted}`;
}

export function openSections(read: ReadAt, file: string): DwarfSections {
  const header = readElfHeader(read, file);
  const bytesOf = bytesOnce(read, header, file);
  const open = (wanted: string) =>
    header.sections.flatMap((one, index) =>
      one.type !== nobits && isNamed(one, wanted) ? [opened(read, header, index, bytesOf)] : [],
    );
  const [abbrev, str, lineStr, strOffsets] = [
    'debug_abbrev',
    'debug_str',
    'debug_line_str',
    'debug_str_offsets',
  ].map((wanted) => open(wanted)[0] ?? nothing);
  return {
    isLittle: header.isLittle,
    info: [
      ...open('debug_info').map((section) => ({ section, isTypes: false })),
      ...open('debug_types').map((section) => ({ section, isTypes: true })),
    ],
    abbrev: abbrev as Section,
    str: str as Section,
    lineStr: lineStr as Section,
    strOffsets: strOffsets as Section,
  };
}

const nothing = new WholeSection(Buffer.alloc(0));

const compressed = 0x800;

/** SHT_SYMTAB: each relocated section needs it. */
const symbols = 2;

/** Sections' bytes; symbols are kept, since an object can have thousands of sections. */
function bytesOnce(read: ReadAt, header: ElfHeader, file: string): BytesOf {
  const kept = new Map<ElfSection, Buffer>();
  return (one) => {
    const bytes = kept.get(one) ?? sectionBytes(read, header, one, file);
    if (one.type === symbols) kept.set(one, bytes);
    return bytes;
  };
}

function opened(read: ReadAt, header: ElfHeader, index: number, bytesOf: BytesOf): Section {
  const section = header.sections[index] as ElfSection;
  const tables = relocationsOf(header, index);
  const isPlain = (section.flags & compressed) === 0 && !section.name.startsWith('.z');
  if (isPlain && tables.length === 0) {
    return new PagedSection(read, section.offset, section.size);
  }
  const bytes = bytesOf(section);
  for (const table of tables) relocate(bytes, header, table, bytesOf);
  return new WholeSection(bytes);
}
