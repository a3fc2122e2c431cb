import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { readsOf, sectionBytes } from './binary-file.ts';
import { type ElfHeader, type ReadAt, readElfHeader, textAt } from './elf-sections.ts';

/** Files that debug information was moved to, as gdb finds them. */

const debugFolder = '/usr/lib/debug';

/** The file with the debug information that was stripped from a program; undefined if there is none. */
export function separateDebug(read: ReadAt, header: ElfHeader, file: string): string | undefined {
  return byBuildId(read, header, file) ?? byLink(read, header, file);
}

/** Of all that `file` may be named: what to install or where to look. */
function byBuildId(read: ReadAt, header: ElfHeader, file: string): string | undefined {
  const id = buildId(read, header, file);
  if (id === undefined) return undefined;
  const path = idPath(id);
  return existsSync(path) ? path : undefined;
}

function idPath(id: string): string {
  return join(debugFolder, '.build-id', id.slice(0, 2), `${id.slice(2)}.debug`);
}

function buildId(read: ReadAt, header: ElfHeader, file: string): string | undefined {
  const note = header.sections.find(({ name }) => name === '.note.gnu.build-id');
  if (!note) return undefined;
  const bytes = sectionBytes(read, header, note, file);
  // Three numbers, and the name "GNU" with its NUL.
  return bytes.length > 16 ? bytes.toString('hex', 16) : undefined;
}

/** .gnu_debuglink: a file's name, filled up to four bytes, and its checksum. */
function byLink(read: ReadAt, header: ElfHeader, file: string): string | undefined {
  const link = header.sections.find(({ name }) => name === '.gnu_debuglink');
  if (!link) return undefined;
  const bytes = sectionBytes(read, header, link, file);
  if (bytes.length < 8) return undefined;
  const name = textAt(bytes, 0);
  const at = bytes.length - 4;
  const sum = header.isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  const folder = dirname(realpathSync(file));
  const places = [
    join(folder, name),
    join(folder, '.debug', name),
    join(debugFolder, folder, name),
  ];
  return places.find((one) => existsSync(one) && checksum(one) === sum);
}

const pieceBytes = 2 ** 20;

function checksum(file: string): number {
  const read = readsOf(file);
  let sum = 0;
  for (let at = 0; ; at += pieceBytes) {
    const piece = read(at, pieceBytes);
    if (piece.length === 0) return sum;
    sum = crc32(piece, sum);
  }
}

export interface AlternateLink {
  /** As the file names it. */
  readonly name: string;
  /** undefined: it is not there. */
  readonly file?: string;
}

/** The file that dwz moved to what several programs have in common; undefined if there is none. */
export function alternateOf(
  read: ReadAt,
  header: ElfHeader,
  file: string,
): AlternateLink | undefined {
  const gnu = header.sections.find(({ name }) => name === '.gnu_debugaltlink');
  const sup = header.sections.find(({ name }) => name === '.debug_sup');
  const section = gnu ?? sup;
  if (!section) return undefined;
  const bytes = sectionBytes(read, header, section, file);
  // .debug_sup has a version and a mark before the name; marked are the alternate files themselves.
  if (!gnu && bytes[2] !== 0) return undefined;
  const name = textAt(bytes, gnu ? 0 : 3);
  const from = (gnu ? 0 : 3) + Buffer.byteLength(name) + 1;
  const id = bytes.toString('hex', gnu ? from : from + 1);
  const places = [resolve(dirname(realpathSync(file)), name), idPath(id)];
  const found = places.find((one) => isAlternate(one, id));
  return { name, ...(found === undefined ? {} : { file: found }) };
}

function isAlternate(file: string, id: string): boolean {
  if (!existsSync(file)) return false;
  const read = readsOf(file);
  const own = buildId(read, readElfHeader(read, file), file);
  return own === undefined || own === id;
}
