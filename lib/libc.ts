import { closeSync, openSync, readSync } from 'node:fs';

/** A C library that an addon is linked against. */
export type Libc = 'glibc' | 'musl';

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const PT_INTERP = 3;

/** The C library of this program. */
export function libc(): Libc {
  try {
    return libcOf('/proc/self/exe');
  } catch {
    return 'glibc'; // no Linux, or none of its files can be opened: then no addon can be
  }
}

/** Exported for tests: by the dynamic linker that a program (ELF, 64 bits) names. */
export function libcOf(program: string): Libc {
  const fd = openSync(program, 'r');
  try {
    return interpreter(fd).includes('/ld-musl-') ? 'musl' : 'glibc';
  } finally {
    closeSync(fd);
  }
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
