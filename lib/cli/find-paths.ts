import { writeSync } from 'node:fs';

const STDOUT = 1;
const CHUNK = 64 * 1024;
/** A pipe that another program made non-blocking is full: for so long nothing is tried. */
const RETRY_MS = 5;

/**
 * Paths to the standard output, as raw bytes and past Node's stream, which would queue all that a
 * slow reader has not taken.
 */
export class PathOutput {
  readonly #end: number;
  #chunk = Buffer.allocUnsafe(CHUNK);
  #length = 0;

  /** `end` is the byte after each path: newline or NUL. */
  constructor(end: number) {
    this.#end = end;
  }

  readonly write = (prefix: Uint8Array, memory: Uint8Array, start: number, end: number): void => {
    const bytes = prefix.length + end - start + 1;
    if (bytes > this.#chunk.length - this.#length) this.#makeRoom(bytes);
    this.#chunk.set(prefix, this.#length);
    this.#chunk.set(memory.subarray(start, end), this.#length + prefix.length);
    this.#length += bytes;
    this.#chunk[this.#length - 1] = this.#end;
  };

  /** What was not yet written. */
  flush(): void {
    let at = 0;
    while (at < this.#length) at += writeSome(this.#chunk.subarray(at, this.#length));
    this.#length = 0;
  }

  /** A path may be longer than any chunk: a tree may be deeper than PATH_MAX. */
  #makeRoom(bytes: number): void {
    this.flush();
    if (bytes > this.#chunk.length) this.#chunk = Buffer.allocUnsafe(2 * bytes);
  }
}

function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(STDOUT, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    return 0;
  }
}
