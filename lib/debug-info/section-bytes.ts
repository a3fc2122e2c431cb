import type { ReadAt } from './elf-sections.ts';

/** A section of which parts are read, however large it is. */
export interface Section {
  readonly size: number;
  /** Fewer where the section ends. */
  bytesAt(at: number, size: number): Buffer;
  /** The text from there up to a NUL. */
  textAt(at: number): string;
}

const pageBytes = 2 ** 16;
/** 16 MB of pages, and as many texts as make about as much. */
const mostPages = 256;
const mostTexts = 2 ** 17;

/** A section whose pages are read from the file when they are asked for. */
export class PagedSection implements Section {
  readonly size: number;
  readonly #read: ReadAt;
  readonly #from: number;
  readonly #pages = new Map<number, Buffer>();
  readonly #texts = new Map<number, string>();

  constructor(read: ReadAt, from: number, size: number) {
    this.size = size;
    this.#read = read;
    this.#from = from;
  }

  bytesAt(at: number, size: number): Buffer {
    const index = Math.floor(at / pageBytes);
    const from = at - index * pageBytes;
    if (from + size <= pageBytes) return this.#page(index).subarray(from, from + size);
    return this.#read(this.#from + at, Math.max(Math.min(size, this.size - at), 0));
  }

  textAt(at: number): string {
    const known = this.#texts.get(at);
    if (known !== undefined) return known;
    const text = this.#textAt(at);
    if (this.#texts.size >= mostTexts) this.#texts.clear();
    this.#texts.set(at, text);
    return text;
  }

  #textAt(at: number): string {
    requireInside(at, this.size);
    const pieces: Buffer[] = [];
    for (let index = Math.floor(at / pageBytes), from = at % pageBytes; ; index++, from = 0) {
      const page = this.#page(index);
      const end = page.indexOf(0, from);
      pieces.push(page.subarray(from, end < 0 ? page.length : end));
      if (end >= 0 || page.length < pageBytes) break;
    }
    return (pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)).toString();
  }

  #page(index: number): Buffer {
    const known = this.#pages.get(index);
    if (known) return known;
    const at = index * pageBytes;
    const page = this.#read(this.#from + at, Math.max(Math.min(pageBytes, this.size - at), 0));
    const [oldest] = this.#pages.keys();
    if (this.#pages.size >= mostPages && oldest !== undefined) this.#pages.delete(oldest);
    this.#pages.set(index, page);
    return page;
  }
}

/** A section that was decompressed or relocated. */
export class WholeSection implements Section {
  readonly size: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  bytesAt(at: number, size: number): Buffer {
    return this.#bytes.subarray(at, at + size);
  }

  textAt(at: number): string {
    requireInside(at, this.size);
    const end = this.#bytes.indexOf(0, at);
    return this.#bytes.toString('utf8', at, end < 0 ? this.size : end);
  }
}

function requireInside(at: number, size: number): void {
  if (at >= size) throw new RangeError(`a text at ${at}, of ${size} bytes`);
}
