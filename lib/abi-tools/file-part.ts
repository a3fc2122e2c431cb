import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Some bytes of a file. */
export interface FilePart {
  readonly bytes: Buffer;
  /** How long the file is, where that is known: what a pipe or a device has is not. */
  readonly fileBytes?: number;
}

/**
 * Up to `most` bytes of a file, or of a descriptor that is open, from `at` on, and no more than those: a
 * file may be larger than memory, and a device or a pipe need not end.
 */
export function readPart(file: string | number, at: number, most: number): FilePart {
  if (typeof file === 'number') return partOf(file, at, most, false);
  const descriptor = openSync(file, 'r');
  try {
    return partOf(descriptor, at, most, true);
  } finally {
    closeSync(descriptor);
  }
}

/** What was opened by others is read on from where they have come to. */
function partOf(descriptor: number, at: number, most: number, isOwn: boolean): FilePart {
  const stats = fstatSync(descriptor);
  // Files of /proc and /sys say that they have none.
  const isSized = isOwn && stats.isFile() && stats.size > 0;
  if (isSized) {
    const bytes = read(descriptor, Math.min(most, Math.max(stats.size - at, 0)), at);
    return { bytes, fileBytes: stats.size };
  }
  if (isOwn && seeks(descriptor)) return { bytes: read(descriptor, most, at) };
  const skipped = skip(descriptor, at);
  const bytes = skipped < at ? Buffer.alloc(0) : read(descriptor, most, undefined);
  return bytes.length < most ? { bytes, fileBytes: skipped + bytes.length } : { bytes };
}

/** Whether its bytes have places; those of a pipe come one after the other. */
function seeks(descriptor: number): boolean {
  try {
    // None of no length: that would not be asked of the system.
    readSync(descriptor, Buffer.alloc(1), 0, 1, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESPIPE') return false;
    throw error;
  }
}

const chunkBytes = 2 ** 16;

/** How many bytes there were to leave out. */
function skip(descriptor: number, count: number): number {
  const chunk = Buffer.alloc(Math.min(count, chunkBytes));
  let done = 0;
  while (done < count) {
    const got = readSome(descriptor, chunk, 0, Math.min(chunk.length, count - done), null);
    if (got === 0) break;
    done += got;
  }
  return done;
}

function read(descriptor: number, count: number, from: number | undefined): Buffer {
  const bytes = Buffer.alloc(count);
  let done = 0;
  while (done < count) {
    const position = from === undefined ? null : from + done;
    const got = readSome(descriptor, bytes, done, count - done, position);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

const retryMs = 10;

/** A terminal or a pipe that another program made non-blocking has nothing yet: it is asked again. */
function readSome(
  descriptor: number,
  into: Buffer,
  offset: number,
  length: number,
  position: number | null,
): number {
  for (;;) {
    try {
      return readSync(descriptor, into, offset, length, position);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    }
  }
}
