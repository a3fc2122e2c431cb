import { byteCount } from '../abi/byte-count.ts';
import { readValue } from '../abi/bytes.ts';
import { layout, type Target, type Type } from '../abi/index.ts';
import { isText } from '../abi/text.ts';
import { UserError } from '../user-error.ts';
import { accessTo, type Piece, piecesOf, type WalkOptions } from './leaves.ts';
import { segmentsOf } from './segments.ts';
import { typeText } from './type-text.ts';
import { charsText, valueText } from './value-text.ts';

export interface DumpOptions {
  /** Byte of the file at which the first object lies. */
  readonly at: number;
  readonly count: number;
}

/** Objects in a file's bytes: each member's bytes in hex, then its value. */
export function dumpText(
  type: Type,
  target: Target,
  file: Uint8Array,
  { at, count }: DumpOptions,
): string {
  const { size } = layout(type, target);
  const room = Math.max(file.length - at, 0);
  if (size * count > room) {
    throw new UserError(
      `${count} × ${byteCount(size)} of ${typeText(type, target)} do not fit: ${byteCount(room)} from ${at} on (file of ${file.length})`,
    );
  }
  // Of several objects nothing tells where one's flexible tail ends.
  const tail = count === 1 ? { room } : {};
  return Array.from({ length: count }, (_, index) =>
    dumpOne(type, target, file, at + index * size, tail),
  ).join('\n\n');
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly value: string;
}

type Tail = Pick<WalkOptions, 'room'>;

function dumpOne(type: Type, target: Target, file: Uint8Array, base: number, tail: Tail): string {
  const { size } = layout(type, target);
  const dv = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const spans = spansOf(type, target, dv, base, tail);
  const all = withHoles(spans, size, holesOf(type, target));
  const width = Math.max(6, ...all.map((span) => span.name.length));
  const title = `${typeText(type, target)} at ${base} (${byteCount(size)}, ${target.name})`;
  const lines = all.flatMap((span) => spanLines(span, file, base, width));
  return [title, ...lines].join('\n');
}

function spansOf(type: Type, target: Target, dv: DataView, base: number, tail: Tail): Span[] {
  const isWhole = (array: Type) => isText(array, target);
  return piecesOf(type, target, { isWhole, ...tail }).map((piece) => {
    const { path, bits, offset } = piece;
    const { size } = layout(piece.type, target);
    const from = bits ? Math.floor(bits.at / 8) : offset;
    const to = bits ? Math.ceil((bits.at + bits.width) / 8) : offset + size;
    const name = bits ? `${path}:${bits.width}` : path || '(value)';
    return { from, to, name, value: valueIn(piece, target, dv, base) };
  });
}

function valueIn(piece: Piece, target: Target, dv: DataView, base: number): string {
  const { type, offset } = piece;
  const access = accessTo(piece, target);
  if (access) return valueText(type, readValue(dv, base, access));
  const { size } = layout(type, target);
  return charsText(new Uint8Array(dv.buffer, dv.byteOffset + base + offset, size));
}

type Bytes = Pick<Span, 'from' | 'to'>;

function holesOf(type: Type, target: Target): Bytes[] {
  const holes = segmentsOf(type, target).filter(({ kind }) => kind === 'hole');
  return holes.map(({ bitOffset, bits }) => {
    return { from: Math.ceil(bitOffset / 8), to: Math.floor((bitOffset + bits) / 8) };
  });
}

/** Bytes that are in no span, in their places: holes, or elements in the middle of long arrays. */
function withHoles(spans: readonly Span[], size: number, holes: readonly Bytes[]): Span[] {
  const all: Span[] = [];
  let end = 0;
  for (const span of spans) {
    if (span.from > end) {
      const isHole = holes.some(({ from, to }) => from <= end && span.from <= to);
      const name = isHole ? '(hole)' : '(not shown)';
      all.push({ from: end, to: span.from, name, value: '' });
    }
    all.push(span);
    end = Math.max(end, span.to);
  }
  if (size > end) all.push({ from: end, to: size, name: '(padding)', value: '' });
  return all;
}

const bytesPerLine = 16;

function spanLines(span: Span, file: Uint8Array, base: number, width: number): string[] {
  const lines: string[] = [];
  for (let from = span.from; from < span.to; from += bytesPerLine) {
    const part = file.subarray(base + from, base + Math.min(from + bytesPerLine, span.to));
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const isFirst = from === span.from;
    const name = (isFirst ? span.name : '').padEnd(width);
    const at = from.toString(16).padStart(4, '0');
    lines.push(`  ${at}  ${name} | ${hex.padEnd(47)} | ${isFirst ? span.value : ''}`.trimEnd());
  }
  return lines;
}
