import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { UserError } from '../user-error.ts';
import { btfOrder } from './btf.ts';
import { decompressed, oldCompressed } from './compressed.ts';
import { type ElfHeader, type ElfSection, isElf, type ReadAt } from './elf-sections.ts';
import { headBytes, otherFormat } from './other-format.ts';

/** Whether a file holds types as a compiler left them: an ELF file, or BTF alone. Throws of other objects. */
export function isBinary(file: string): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  return withFile(file, (read) => {
    const head = read(0, headBytes);
    if (isElf(head) || btfOrder(head) !== undefined) return true;
    const other = otherFormat(head);
    if (other === undefined) return false;
    throw new UserError(`${file} is ${other}: debug information is read of ELF alone`);
  });
}

/** Why a path leads to nothing that can be read again and again; undefined of a regular file. */
export function notRegular(file: string): string | undefined {
  const found = statSync(file);
  if (found.isFile()) return undefined;
  const others: readonly [boolean, string][] = [
    [found.isDirectory(), 'folder'],
    [found.isFIFO(), 'pipe'],
    [found.isSocket(), 'socket'],
  ];
  const kind = others.find(([isOne]) => isOne)?.[1] ?? 'device';
  return `'${file}' is a ${kind}, expected a regular file`;
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

/** Reads of a file that goes on being asked: it is open only while it is read. */
export function readsOf(file: string): ReadAt {
  return (at, size) => withFile(file, (read) => read(at, size));
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

/** A section's bytes, decompressed. */
export function sectionBytes(
  read: ReadAt,
  header: ElfHeader,
  section: ElfSection,
  file: string,
): Buffer {
  const bytes = read(section.offset, section.size);
  if (bytes.length < section.size)
    throw new UserError(`${file} ends in its section ${section.name}`);
  const where = `${file}: section ${section.name}`;
  if (section.name.startsWith('.z')) return oldCompressed(bytes, where);
  return (section.flags & compressed) === 0 ? bytes : decompressed(bytes, header, where);
}
