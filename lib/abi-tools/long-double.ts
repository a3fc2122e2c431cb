import type { Target } from '../abi/index.ts';
import { sectionBytes } from '../debug-info/binary-file.ts';
import { ByteCursor } from '../debug-info/bytes.ts';
import type { ElfHeader, ReadAt } from '../debug-info/elf-sections.ts';

/** Tag_GNU_Power_ABI_FP of .gnu.attributes; bits 2 and 3 tell the long double. */
const powerFloat = 4;
const powerLongDouble = { mask: 0xc, ieee: 0xc } as const;

/**
 * Why a file's long doubles of 16 bytes cannot be read: DWARF does not tell their format, and this file
 * says elsewhere that it is not its machine's usual one.
 */
export function oddLongDouble(
  read: ReadAt,
  header: ElfHeader,
  file: string,
  { longDouble }: Target,
): string | undefined {
  const named = (wanted: string) => header.sections.find(({ name }) => name === wanted);
  if (longDouble.format === 'x87' && named('.note.android.ident')) return quadReason('Android');
  const attributes = named('.gnu.attributes');
  if (longDouble.format !== 'ibm' || !attributes) return undefined;
  const value = attributeOf(sectionBytes(read, header, attributes, file), header.isLittle);
  const isIeee = (value & powerLongDouble.mask) === powerLongDouble.ieee;
  return isIeee ? quadReason('the file (.gnu.attributes)') : undefined;
}

export function quadReason(whose: string): string {
  return `'long double' is an IEEE number of 128 bits here, as ${whose} has it: that has no counterpart on this target`;
}

/** The value of Tag_GNU_Power_ABI_FP for the whole file; 0 where it is not told. */
function attributeOf(bytes: Buffer, isLittle: boolean): number {
  try {
    return attributeAt(new ByteCursor(bytes, isLittle));
  } catch (error) {
    if (error instanceof RangeError) return 0;
    throw error;
  }
}

/** A version, a length and the vendor; then that it is of the file, and that part's length. */
function attributeAt(cursor: ByteCursor): number {
  if (cursor.u8() !== 0x41) return 0;
  cursor.u32();
  if (cursor.text() !== 'gnu') return 0;
  const start = cursor.at;
  if (cursor.u8() !== 1) return 0;
  const end = start + cursor.u32();
  while (cursor.at < end) {
    const tag = cursor.uleb();
    if (tag === powerFloat) return cursor.uleb();
    if (tag % 2 === 1) cursor.skipText();
    else cursor.skipLeb();
  }
  return 0;
}
