import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { UserError } from '../user-error.ts';
import { btfOrder } from './btf.ts';
import { type ElfHeader, type ElfSection, isElf, type ReadAt } from './elf-sections.ts';

/** Whether a file holds types as a compiler left them: an ELF file, or BTF alone. */
export function isBinary(file: string): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  return withFile(file, (read) => {
    const head = read(0, 4);
    return isElf(head) || btfOrder(head) !== undefined;
  });
}

/** Opens a file for as long as `use` runs. Only what is asked for is read. */
export function withFile<T>(file: string, use: (read: ReadAt) => T): T {
  const descriptor = openSync(file, 'r');
  try {
    const { size: total } = fstatSync(descriptor);
    // A damaged file may name more bytes than there are: no memory is taken for those.
    return use((at, size) => readWhole(descriptor, at, Math.min(size, Math.max(total - at, 0))));
  } finally {
    closeSync(descriptor);
  }
}

function readWhole(descriptor: number, at: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const count = readSync(descriptor, bytes, done, size - done, at + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

/** The whole of a file whose size is not known before, such as those of /sys. */
export function readAll(read: ReadAt): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const piece = read(at, 2 ** 20);
    if (piece.length === 0) return Buffer.concat(pieces);
    pieces.push(piece);
    at += piece.length;
  }
}

const compressed = 0x800;
const zlibType = 1;

/** A section's bytes, decompressed. */
export function sectionBytes(
  read: ReadAt,
  { is64, isLittle }: ElfHeader,
  section: ElfSection,
  file: string,
): Buffer {
  const bytes = read(section.offset, section.size);
  if (bytes.length < section.size)
    throw new UserError(`${file} ends in its section ${section.name}`);
  if ((section.flags & compressed) === 0) return bytes;
  const head = is64 ? 24 : 12;
  const number = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  if (bytes.length < head) throw new UserError(`${file}: section ${section.name} is cut off`);
  const type = number(0);
  if (type === zlibType) return inflated(bytes.subarray(head), `${file}: section ${section.name}`);
  throw new UserError(
    `${file}: section ${section.name} is compressed in a way that is not read here (${type}); objcopy --decompress-debug-sections undoes it`,
  );
}

/** More than any section of types has: what says so is damaged. */
const maxSectionBytes = 2 ** 30;

function inflated(bytes: Buffer, where: string): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: maxSectionBytes });
  } catch (error) {
    throw new UserError(`${where} cannot be decompressed: ${(error as Error).message}`);
  }
}
