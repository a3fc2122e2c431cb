import { STDOUT, writeAll } from './write-out.ts';

const CHUNK = 64 * 1024;

/** Paths to the standard output, as raw bytes. */
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
    writeAll(STDOUT, this.#chunk.subarray(0, this.#length));
    this.#length = 0;
  }

  /** A path may be longer than any chunk: a tree may be deeper than PATH_MAX. */
  #makeRoom(bytes: number): void {
    this.flush();
    if (bytes > this.#chunk.length) this.#chunk = Buffer.allocUnsafe(2 * bytes);
  }
}
