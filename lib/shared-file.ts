import { closeSync, fstatSync, constants as open, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkInteger, checkNames, expected } from './check.ts';
import { CallError, NativeUnavailableError } from './errors.ts';
import { native } from './native.ts';

export interface MapSharedOptions {
  /** Byte of the file with which the memory begins: a multiple of 8. Default 0. */
  readonly offset?: number;
  /** Bytes of the memory, as many as the SharedArrayBuffer has. Default: up to the file's end. */
  readonly length?: number;
  /**
   * Makes the file (mode 0600) where there is none, and longer where it ends before `offset` +
   * `length`, whose bytes get blocks on the disk; a file is never made shorter. Default false.
   */
  readonly create?: boolean;
}

/** Any offset that is a multiple of the widest element's size keeps views aligned. */
const ALIGNMENT = 8;

/**
 * The memory of a file as a SharedArrayBuffer: every process that maps the file sees the same
 * bytes, a program in C too. It can be read and written; what is written is in the file.
 *
 * `file` is a path (`/dev/shm/NAME` for memory without a disk, `shm_open`'s "/NAME"), a file URL, or
 * a descriptor that is open for reading and writing (of `memfd_create`, for example), which may be
 * closed afterwards. The mapping goes when the last buffer over it has been collected, in all
 * threads it was posted to.
 *
 * Atomics hold between processes as between threads, but `Atomics.wait` and `notify` are of this
 * process alone. Where somebody makes the file shorter, an access behind the page in which it ends
 * ends the process by SIGBUS, after a line on stderr that names byte and file; so does a store into
 * a hole of the file (`create` leaves none) for which a full disk has no block.
 *
 * @throws TypeError and RangeError where `file` or an option is wrong, or the file is too short; Node's
 * error where it cannot be opened; CallError where it cannot be mapped; NativeUnavailableError where
 * the addon does not load or the runtime takes no memory.
 */
export function mapShared(
  file: string | URL | number,
  options: MapSharedOptions = {},
): SharedArrayBuffer {
  checkOptions(options);
  if (!native().canMapShared()) {
    const why = 'this runtime takes no memory of a file for a SharedArrayBuffer';
    throw new NativeUnavailableError(why, undefined, 'Node does.');
  }
  if (typeof file === 'number') {
    return mapped(checkInteger('file', file, 0, 0x7fff_ffff), `descriptor ${file}`, options);
  }
  const path = pathOf(file);
  const fd = openSync(path, open.O_RDWR | (options.create ? open.O_CREAT : 0), 0o600);
  try {
    return mapped(fd, path, options);
  } finally {
    closeSync(fd);
  }
}

/** Before a file is made for them. */
function checkOptions(options: MapSharedOptions): void {
  checkNames(options, ['offset', 'length', 'create']);
  const { offset = 0, length, create = false } = options;
  if (typeof create !== 'boolean') throw new TypeError(expected('create', create, 'a boolean'));
  checkInteger('offset', offset, 0, Number.MAX_SAFE_INTEGER);
  if (offset % ALIGNMENT !== 0) {
    throw new RangeError(expected('offset', offset, `a multiple of ${ALIGNMENT}`));
  }
  if (length !== undefined) checkInteger('length', length, 1, Number.MAX_SAFE_INTEGER - offset);
  else if (create) throw new TypeError('create: true needs the length that the file is to have');
}

function pathOf(file: unknown): string {
  if (typeof file === 'string') return file;
  // one of another realm, too
  if (typeof (file as URL | undefined)?.href === 'string') return fileURLToPath(file as URL);
  throw new TypeError(expected('file', file, 'a path, a file URL or a descriptor'));
}

function mapped(fd: number, name: string, options: MapSharedOptions): SharedArrayBuffer {
  const { offset = 0, create = false } = options;
  const stats = fstatSync(fd);
  if (!stats.isFile()) throw new TypeError(`${name} is no regular file, which alone can be mapped`);
  const length = lengthOf(name, stats.size, offset, options);
  const allocated = create ? native().allocateFile(fd, offset, length) : 0;
  if (allocated !== 0) throw failed('fallocate', allocated, name);
  const buffer = native().mapShared(fd, offset, length, name);
  if (typeof buffer === 'number') throw failed('mmap', buffer, name);
  return buffer;
}

const WHY: ReadonlyMap<string, string> = new Map([
  ['mmap -1', 'a seal forbids writing'],
  ['mmap -12', 'no room in the address space, or too many mappings'],
  ['mmap -13', 'the descriptor is not open for reading and writing'],
  ['fallocate -9', 'the descriptor is not open for writing'],
  ['fallocate -95', 'its file system gives no blocks ahead: make it long enough, without create'],
]);

function failed(call: string, errno: number, path: string): CallError {
  const explanation = WHY.get(`${call} ${errno}`);
  return new CallError(call, errno, {
    path,
    ...(explanation === undefined ? {} : { explanation }),
  });
}

/** Behind the end of the file there is no memory: an access there would end the process. */
function lengthOf(
  name: string,
  size: number,
  offset: number,
  { length, create }: MapSharedOptions,
): number {
  if (length === undefined) {
    if (size > offset) return size - offset;
    throw new RangeError(
      `${name} has ${size} bytes, none behind offset ${offset}: give a length and create: true`,
    );
  }
  if (create || offset + length <= size) return length;
  throw new RangeError(
    `${name} has ${size} bytes, too few for ${length} at offset ${offset}: create: true makes it longer`,
  );
}
