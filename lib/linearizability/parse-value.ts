import { LinearizabilityError } from './error.ts';

const WORDS: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  true: true,
  false: false,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** Reads what valueText has written of numbers, bigints, strings, booleans and arrays. */
export class ValueReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether `mark` comes next; it is read then. */
  take(mark: string): boolean {
    this.#skip(/\s*/y);
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  get isAtEnd(): boolean {
    this.#skip(/\s*/y);
    return this.#at === this.#text.length;
  }

  /** A name of an operation. */
  name(): string {
    return this.#skip(/\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/uy) ?? this.fail('a name');
  }

  value(): unknown {
    if (this.take('[')) return this.list(']');
    const text = this.#skip(/\s*("(?:[^"\\]|\\.)*")/y);
    if (text !== undefined) return JSON.parse(text);
    const word = this.#skip(/\s*(-?[\w.+]+(?:e[-+]?\d+)?)/y) ?? this.fail('a value');
    if (word in WORDS) return WORDS[word];
    if (/^-?\d+n$/.test(word)) return BigInt(word.slice(0, -1));
    const number = Number(word);
    return Number.isNaN(number) ? this.fail('a value', word.length) : number;
  }

  /** Values up to the closing mark, which is read too. */
  list(end: string): unknown[] {
    const values: unknown[] = [];
    while (!this.take(end)) {
      if (values.length > 0 && !this.take(',')) this.fail(`, or ${end}`);
      values.push(this.value());
    }
    return values;
  }

  fail(what: string, back = 0): never {
    const at = this.#at - back;
    const found = at < this.#text.length ? `'${this.#text.slice(at, at + 20)}'` : 'its end';
    throw new LinearizabilityError(`'${this.#text}': expected ${what} where ${found} is`);
  }

  #skip(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) return undefined;
    this.#at = pattern.lastIndex;
    return found[1] ?? '';
  }
}

/** The value that `text` is, or the text itself where it is of another kind. */
export function parseValue(text: string): unknown {
  try {
    const reader = new ValueReader(text);
    const value = reader.value();
    return reader.isAtEnd ? value : text;
  } catch {
    return text;
  }
}
