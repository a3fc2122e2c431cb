import type { EnumType, Type } from '../abi/index.ts';
import { enumeratorOf } from '../abi/to-object.ts';

/** Values in a few words, for readers. */

type Value = number | bigint | boolean;

/** `77 (0x4d)`, `7 (BUSY)`, `81 (0x51, 'Q')`. */
export function valueText(type: Type, value: Value): string {
  if (typeof value === 'boolean') return String(value);
  if (type.kind === 'enum') return `${value} (${enumText(type, value)})`;
  if (isFloat(type)) return Object.is(value, -0) ? '-0' : String(value);
  const notes = [hex(value), type.kind === 'scalar' && type.scalar === 'char' ? quoted(value) : ''];
  const told = notes.filter((note) => note !== '').join(', ');
  return told === '' ? String(BigInt(value)) : `${BigInt(value)} (${told})`;
}

function isFloat(type: Type): boolean {
  return type.kind === 'scalar' && /^(?:float|double|longdouble)$/.test(type.scalar);
}

function enumText(type: EnumType, value: number | bigint): string {
  return enumeratorOf(type, value) ?? 'no enumerator';
}

function hex(value: number | bigint): string {
  const whole = BigInt(value);
  return whole > 9n ? `0x${whole.toString(16)}` : '';
}

function quoted(value: number | bigint): string {
  return value > 0x20 && value < 0x7f ? `'${String.fromCharCode(Number(value))}'` : '';
}

/** Longer text is cut: its bytes stand beside it. */
const mostCharacters = 60;
const control = /(?![\t\n\r])\p{Cc}/u;

/** What an array of char holds: `"hello"`, where it is text. */
export function charsText(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  const text = decoded(bytes.subarray(0, nul < 0 ? bytes.length : nul));
  if (text === undefined || control.test(text)) return 'no text';
  const characters = [...text];
  const shown = JSON.stringify(characters.slice(0, mostCharacters).join(''));
  const rest = characters.length > mostCharacters ? '…' : '';
  const isMore = nul >= 0 && bytes.subarray(nul).some((byte) => byte !== 0);
  return `${shown}${rest}${isMore ? ', more behind the NUL' : ''}`;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
