import { bareType } from './access.ts';
import { byteCount } from './byte-count.ts';
import { hasOpenEnd } from './open-end.ts';
import { checkOptions } from './options.ts';
import type { Target } from './target.ts';
import type { Type } from './types.ts';
import { TextDecoder, TextEncoder } from './utf8.ts';
import { shown } from './value-check.ts';
import { memoryOf, stateOf } from './view-bytes.ts';
import { shapeKey, type ViewState } from './view-state.ts';

/** Text in arrays of char. */

export type Encoding = 'utf-8' | 'latin1';

export interface SetTextOptions {
  /** Default: utf-8. */
  readonly encoding?: Encoding;
  /** Whether a NUL has to follow the text (default), or only fills what it leaves free. */
  readonly terminated?: boolean;
}

export function isText(type: Type, target: Target): boolean {
  const bare = bareType(type, target);
  if (bare.kind !== 'array' && bare.kind !== 'flexible') return false;
  const of = bareType(bare.of, target);
  return of.kind === 'scalar' && of.scalar === 'char';
}

/**
 * The text in an array of char, up to its first NUL or its end. Bytes that are no UTF-8 become
 * U+FFFD: `latin1` and bytes() keep them.
 */
export function text(chars: object, encoding: Encoding = 'utf-8'): string {
  const all = memoryOf(checked(chars, 'text()'));
  checkEncoding(encoding);
  const nul = all.indexOf(0);
  // A copy: shared memory may change meanwhile, and decoders refuse it.
  const own = all.slice(0, nul < 0 ? all.length : nul);
  if (encoding === 'utf-8') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(own);
  return Array.from(own, (byte) => String.fromCharCode(byte)).join('');
}

/**
 * Stores text in an array of char and fills the rest with NULs; in one without a length of its own, behind
 * which another struct may lie, there is one NUL. Throws RangeError, and stores nothing, if it does not
 * fit, holds a NUL, or has characters that the encoding has not.
 */
export function setText(chars: object, value: string, options: SetTextOptions = {}): void {
  const state = checked(chars, 'setText()');
  const { label } = state[shapeKey];
  if (typeof value !== 'string') {
    throw new TypeError(`${label}: expected a string, got ${shown(value)}`);
  }
  checkOptions('setText()', options, { encoding: true, terminated: [true, false] });
  const { encoding = 'utf-8', terminated = true } = options;
  const encoded = encode(label, value, checkEncoding(encoding));
  const all = memoryOf(state);
  const room = all.length - (terminated ? 1 : 0);
  if (encoded.length > room) {
    const nul = terminated ? ' and a NUL' : '';
    throw new RangeError(
      `${label}: expected text of at most ${byteCount(Math.max(room, 0))}${nul}, got ${byteCount(encoded.length)}`,
    );
  }
  all.set(encoded);
  const { type, target } = state[shapeKey];
  const end = hasOpenEnd(type, target) ? encoded.length + Number(terminated) : all.length;
  all.fill(0, encoded.length, end);
}

function checked(chars: unknown, where: string): ViewState {
  const state = stateOf(chars, where);
  const { type, target, label } = state[shapeKey];
  if (isText(type, target)) return state;
  throw new TypeError(`${where}: expected a view of an array of char, got ${label}`);
}

function checkEncoding(encoding: unknown): Encoding {
  if (encoding === 'utf-8' || encoding === 'latin1') return encoding;
  throw new TypeError(`encoding: expected 'utf-8' or 'latin1', got ${shown(encoding)}`);
}

function encode(label: string, value: string, encoding: Encoding): Uint8Array {
  const unfit = [...value].find((char) => !canHold(encoding, char.codePointAt(0) ?? 0));
  if (unfit !== undefined) {
    throw new RangeError(`${label}: ${encoding} text cannot hold ${JSON.stringify(unfit)}`);
  }
  if (encoding === 'utf-8') return new TextEncoder().encode(value);
  return Uint8Array.from(value, (char) => char.charCodeAt(0));
}

/** NUL ends a text; half a surrogate pair is no character. */
function canHold(encoding: Encoding, code: number): boolean {
  if (encoding === 'latin1') return code > 0 && code < 0x100;
  return code > 0 && (code < 0xd800 || code > 0xdfff);
}
