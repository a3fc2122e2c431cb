import * as zlib from 'node:zlib';
import { UserError } from '../user-error.ts';
import { ByteCursor } from './bytes.ts';

/** Sections that were compressed: with a header of ELF's own, or as GNU tools did before. */

interface Form {
  readonly is64: boolean;
  readonly isLittle: boolean;
}

/** More than any section of types has: what says so is damaged. */
const mostBytes = 2 ** 31;

const types: Readonly<Record<number, (bytes: Buffer, size: number, where: string) => Buffer>> = {
  1: inflated,
  2: unpacked,
};

/** Behind an Elf32_Chdr or Elf64_Chdr. */
export function decompressed(bytes: Buffer, { is64, isLittle }: Form, where: string): Buffer {
  const head = is64 ? 24 : 12;
  if (bytes.length < head) throw new UserError(`${where} is cut off`);
  const cursor = new ByteCursor(bytes, isLittle);
  const type = cursor.u32();
  if (is64) cursor.skip(4);
  const size = is64 ? cursor.u64() : cursor.u32();
  const found = types[type];
  if (found) return found(bytes.subarray(head), size, where);
  throw new UserError(
    `${where} is compressed in a way that is not read here (${type}); objcopy --decompress-debug-sections undoes it`,
  );
}

/** `.zdebug_…`: "ZLIB" and the size, always big-endian. */
export function oldCompressed(bytes: Buffer, where: string): Buffer {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'ZLIB') {
    throw new UserError(`${where} is cut off`);
  }
  const cursor = new ByteCursor(bytes, false);
  cursor.skip(4);
  return inflated(bytes.subarray(12), cursor.u64(), where);
}

function inflated(bytes: Buffer, size: number, where: string): Buffer {
  return tried(where, size, (options) => zlib.inflateSync(bytes, options));
}

type Unpack = (bytes: Buffer, options: zlib.ZlibOptions) => Buffer;

function unpacked(bytes: Buffer, size: number, where: string): Buffer {
  const unpack = (zlib as unknown as { zstdDecompressSync?: Unpack }).zstdDecompressSync;
  if (!unpack) {
    throw new UserError(
      `${where} is compressed with zstd, which Node reads from 22.15 on (this is ${process.version}); objcopy --decompress-debug-sections undoes it`,
    );
  }
  return tried(where, size, (options) => unpack(bytes, options));
}

function tried(
  where: string,
  size: number,
  run: (options: { readonly maxOutputLength: number }) => Buffer,
): Buffer {
  try {
    const bytes = run({ maxOutputLength: Math.max(Math.min(size, mostBytes), 1) });
    if (bytes.length === size) return bytes;
    throw new Error(`${bytes.length} bytes, expected ${size}`);
  } catch (error) {
    throw new UserError(`${where} cannot be decompressed: ${(error as Error).message}`);
  }
}
