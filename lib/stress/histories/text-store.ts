import {
  FIRST_TEXT,
  LOST,
  plainCode,
  type ResultCodes,
} from '../../linearizability/result-codes.ts';
import { thrownText, valueText } from '../../linearizability/value-text.ts';

const LENGTH_BYTES = 4;

/** Results of one thread that are no small number: their texts lie in memory that all read. */
export class TextStore {
  readonly #bytes: Uint8Array;
  readonly #lengths: DataView;
  readonly #known = new Map<string, number>();
  #used = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(buffer);
    this.#lengths = new DataView(buffer);
  }

  /** Before a stride: nobody reads the last one's any more. */
  clear(): void {
    this.#used = 0;
    this.#known.clear();
  }

  /** What stands for a result in a record. */
  code(value: unknown): number {
    return plainCode(value) ?? this.#ofText(valueText(value));
  }

  thrown(error: unknown): number {
    return this.#ofText(thrownText(error));
  }

  #ofText(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const bytes = Buffer.from(text);
    const at = this.#used;
    if (at + LENGTH_BYTES + bytes.length > this.#bytes.length) return LOST;
    this.#lengths.setUint32(at, bytes.length);
    this.#bytes.set(bytes, at + LENGTH_BYTES);
    this.#used += LENGTH_BYTES + bytes.length;
    const code = FIRST_TEXT + 2 * at;
    this.#known.set(text, code);
    return code;
  }
}

/** Turns the codes that threads recorded into those of a checker. */
export class TextReader {
  readonly #views: readonly DataView[];
  readonly #codes: ResultCodes;
  readonly #known: Map<number, number>[];

  constructor(buffers: readonly SharedArrayBuffer[], codes: ResultCodes) {
    this.#views = buffers.map((buffer) => new DataView(buffer));
    this.#codes = codes;
    this.#known = buffers.map(() => new Map());
  }

  clear(): void {
    for (const map of this.#known) map.clear();
  }

  code(thread: number, recorded: number): number {
    if ((recorded & 1) === 0 || recorded < FIRST_TEXT) return recorded;
    const known = this.#known[thread]?.get(recorded);
    if (known !== undefined) return known;
    const code = this.#codes.ofText(this.#text(thread, (recorded - FIRST_TEXT) / 2));
    this.#known[thread]?.set(recorded, code);
    return code;
  }

  #text(thread: number, at: number): string {
    const view = this.#views[thread] as DataView;
    const length = view.getUint32(at);
    return Buffer.from(new Uint8Array(view.buffer, at + LENGTH_BYTES, length)).toString();
  }
}
