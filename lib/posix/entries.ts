/** Entries of a directory, over the buffer that getdents64 filled: valid until it is used again. */
export class Dirents implements Iterable<Dirent> {
  /** Bytes of the buffer that hold entries; 0 at the end of the directory. */
  readonly byteLength: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, byteLength: number) {
    this.byteLength = byteLength;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  *[Symbol.iterator](): Generator<Dirent> {
    for (let at = 0; at < this.byteLength; ) {
      const length = this.#view.getUint16(at + RECLEN, true);
      if (length <= NAME || at + length > this.byteLength) throw usedAgain(at);
      yield new Dirent(this.#bytes, this.#view, at);
      at += length;
    }
  }
}

/** An entry without a length would be given for ever. */
function usedAgain(at: number): Error {
  return new Error(
    `there is no entry at byte ${at} any more: the buffer was used again while its Dirents were read`,
  );
}

/** struct linux_dirent64: 19 bytes, then the name with a NUL, up to a multiple of 8. */
const OFF = 8;
const RECLEN = 16;
const TYPE = 18;
const NAME = 19;

/** One entry of a directory, as the buffer holds it. */
export class Dirent {
  /** Where it begins in the buffer. */
  readonly at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, view: DataView, at: number) {
    this.at = at;
    this.#bytes = bytes;
    this.#view = view;
  }

  get ino(): bigint {
    return this.#view.getBigUint64(this.at, true);
  }

  /** Position of the next entry, for lseek. */
  get off(): bigint {
    return this.#view.getBigInt64(this.at + OFF, true);
  }

  /** DT_REG and its like (dirent.h); 0 where the file system does not say. */
  get type(): number {
    return this.#bytes[this.at + TYPE] as number;
  }

  /** The name's bytes, which need not be UTF-8, in the buffer itself. */
  get name(): Uint8Array {
    const start = this.at + NAME;
    return this.#bytes.subarray(start, this.#bytes.indexOf(0, start));
  }

  /** The name and the NUL behind it: what a system call takes as a path. */
  get path(): Uint8Array {
    const start = this.at + NAME;
    return this.#bytes.subarray(start, this.#bytes.indexOf(0, start) + 1);
  }

  /** `.` and `..`, which every directory has. */
  get isDots(): boolean {
    const start = this.at + NAME;
    const [first, second, third] = [0, 1, 2].map((i) => this.#bytes[start + i]);
    return first === 46 && (second === 0 || (second === 46 && third === 0));
  }
}
