import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** A C library that an addon is linked against. */
export type Libc = 'glibc' | 'musl';

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const PT_INTERP = 3;

/** The C library of this program; undefined where that cannot be told. */
export function libc(): Libc | undefined {
  try {
    // a program that was given to a dynamic linker: that one is what runs
    return libcOf('/proc/self/exe') ?? named(readFileSync('/proc/self/maps', 'latin1'));
  } catch {
    return undefined; // no Linux, or none of its files can be opened: then no addon can be
  }
}

/** Exported for tests: by the dynamic linker that a program (ELF, 64 bits) names, if it does. */
export function libcOf(program: string): Libc | undefined {
  const fd = openSync(program, 'r');
  try {
    return named(interpreter(fd));
  } finally {
    closeSync(fd);
  }
}

function named(text: string): Libc | undefined {
  if (text.includes('/ld-musl-')) return 'musl';
  return /\/ld-linux|\/ld64\.so/.test(text) ? 'glibc' : undefined;
}

/** Source: elf(5), Elf64_Ehdr and Elf64_Phdr. Empty for a static program. */
function interpreter(fd: number): string {
  const header = read(fd, 0, HEADER_BYTES);
  const first = Number(header.readBigUInt64LE(32));
  const count = header.readUInt16LE(56);
  const segments = read(fd, first, count * SEGMENT_BYTES);
  for (let at = 0; at < segments.length; at += SEGMENT_BYTES) {
    if (segments.readUInt32LE(at) !== PT_INTERP) continue;
    const offset = Number(segments.readBigUInt64LE(at + 8));
    return read(fd, offset, Number(segments.readBigUInt64LE(at + 32))).toString('latin1');
  }
  return '';
}

function read(fd: number, position: number, bytes: number): Buffer {
  const into = Buffer.alloc(bytes);
  readSync(fd, into, 0, bytes, position);
  return into;
}
