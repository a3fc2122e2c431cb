import { blocked, cancelled } from './marks.ts';
import { valueText } from './value-text.ts';

/**
 * Results as numbers: whole ones of 30 bits are their double, a few words have odd numbers that are
 * the same everywhere, all else a number of this table.
 */
export const UNDEFINED = 1;
export const NULL = 3;
export const TRUE = 5;
export const FALSE = 7;
export const CANCELLED = 9;
export const BLOCKED = 11;
/** A result that was too long to be recorded. */
export const LOST = 13;
/** The call has not returned. */
export const PENDING = 15;
/** First of the codes that a table gives. */
export const FIRST_TEXT = 17;

const MAX_INT = 2 ** 29;
const WORDS: readonly unknown[] = [undefined, null, true, false, cancelled, blocked];
const WORD_TEXTS = [
  'undefined',
  'null',
  'true',
  'false',
  'cancelled',
  'blocked',
  'lost',
  'nothing yet',
];

/** The code of a value that needs no table; undefined for others. */
export function plainCode(value: unknown): number | undefined {
  if (typeof value === 'number') {
    if (value !== (value | 0) || value >= MAX_INT || value < -MAX_INT || Object.is(value, -0)) {
      return undefined;
    }
    return value * 2;
  }
  if (value === true) return TRUE;
  if (value === undefined) return UNDEFINED;
  if (value === false) return FALSE;
  const word = WORDS.indexOf(value);
  return word < 0 ? undefined : 2 * word + 1;
}

/** Codes of one thread's checks. */
export class ResultCodes {
  readonly #codes = new Map<string, number>();
  readonly #texts: string[] = [];

  ofValue(value: unknown): number {
    return plainCode(value) ?? this.ofText(valueText(value));
  }

  /** Of a text that no plain code stands for, or of any. */
  ofText(text: string): number {
    const plain = plainText(text);
    if (plain !== undefined) return plain;
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = FIRST_TEXT + 2 * this.#texts.length;
    this.#codes.set(text, code);
    this.#texts.push(text);
    return code;
  }

  text(code: number): string {
    if ((code & 1) === 0) return String(code / 2);
    return WORD_TEXTS[(code - 1) / 2] ?? this.#texts[(code - FIRST_TEXT) / 2] ?? '?';
  }
}

function plainText(text: string): number | undefined {
  const word = WORD_TEXTS.indexOf(text);
  if (word >= 0) return 2 * word + 1;
  if (!/^-?\d{1,9}$/.test(text)) return undefined;
  return plainCode(text === '-0' ? -0 : Number(text));
}
