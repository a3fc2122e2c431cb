import { byteCount } from '../abi/byte-count.ts';
import { readValue } from '../abi/bytes.ts';
import { layout, type Target, type Type } from '../abi/index.ts';
import { isText } from '../abi/text.ts';
import { UserError } from '../user-error.ts';
import type { FilePart } from './file-part.ts';
import { accessTo, type Piece, piecesOf, type WalkOptions } from './leaves.ts';
import { typeText } from './type-text.ts';
import { typesIn } from './types-in.ts';
import { charsText, valueText } from './value-text.ts';

export interface DumpOptions {
  /** Byte of the file at which the first object lies. */
  readonly at: number;
  readonly count: number;
}

/** As many bytes as are shown at once, and of them behind an object as its flexible tail. */
const mostBytes = 2 ** 28;
const mostTailBytes = 2 ** 20;

/** How many bytes of a file are looked at: those of the objects, and one more than the tail shows. */
export function bytesToDump(type: Type, target: Target, { count }: DumpOptions): number {
  const { size } = layout(type, target);
  return size * count + (hasTail(type, target, count) ? mostTailBytes + 1 : 0);
}

/** Of several objects nothing tells where one's flexible tail ends. */
function hasTail(type: Type, target: Target, count: number): boolean {
  return count === 1 && [...typesIn(type, target)].some(({ kind }) => kind === 'flexible');
}

/** Throws UserError where so many objects are more than can be shown at once. */
export function requireFew(type: Type, target: Target, { count }: DumpOptions): void {
  const { size } = layout(type, target);
  if (size * count <= mostBytes) return;
  throw new UserError(
    `${count} × ${byteCount(size)} of ${typeText(type, target)} are more than ${mostBytes / 2 ** 20} MiB: take a part of them with --at and --count`,
  );
}

/** Objects in the bytes of a file from `at` on: each member's bytes in hex, then its value. */
export function dumpText(
  type: Type,
  target: Target,
  { bytes, fileBytes }: FilePart,
  { at, count }: DumpOptions,
): string {
  const { size } = layout(type, target);
  if (size * count > bytes.length) {
    const file = fileBytes === undefined ? '' : ` (file of ${fileBytes})`;
    throw new UserError(
      `${count} × ${byteCount(size)} of ${typeText(type, target)} do not fit: ${byteCount(bytes.length)} from ${at} on${file}`,
    );
  }
  const isWithTail = hasTail(type, target, count);
  const room = Math.min(bytes.length, size + mostTailBytes);
  const texts = Array.from({ length: count }, (_, index) =>
    dumpOne(type, target, { bytes, at, base: index * size }, isWithTail ? { room } : {}),
  );
  if (isWithTail && bytes.length > room) texts.push(goesOn(room, at, fileBytes));
  return texts.join('\n\n');
}

function goesOn(room: number, at: number, fileBytes: number | undefined): string {
  const more = fileBytes === undefined ? 'more' : byteCount(fileBytes - at - room);
  return `(the tail goes on: ${more} behind what is shown)`;
}

/** Where an object lies in the bytes that were read of a file from `at` on. */
interface Place {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly base: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly value: string;
}

type Tail = Pick<WalkOptions, 'room'>;

function dumpOne(type: Type, target: Target, place: Place, tail: Tail): string {
  const { bytes, at, base } = place;
  const { size } = layout(type, target);
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const spans = spansOf(type, target, dv, base, tail);
  const all = withHoles(spans, size);
  const width = Math.max(6, ...all.map((span) => span.name.length));
  const title = `${typeText(type, target)} at ${at + base} (${byteCount(size)}, ${target.name})`;
  const lines = all.flatMap((span) => spanLines(span, place, width));
  return [title, ...lines].join('\n');
}

function spansOf(type: Type, target: Target, dv: DataView, base: number, tail: Tail): Span[] {
  const isWhole = (array: Type) => isText(array, target);
  return piecesOf(type, target, { isWhole, hasPassed: true, ...tail }).map((piece) => {
    const { path, bits, offset, passed } = piece;
    if (passed !== undefined) {
      return { from: offset, to: offset + passed, name: '(not shown)', value: '' };
    }
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

/** With the bytes that are in no span, in their places. */
function withHoles(spans: readonly Span[], size: number): Span[] {
  const all: Span[] = [];
  let end = 0;
  for (const span of spans) {
    if (span.from > end) all.push({ from: end, to: span.from, name: '(hole)', value: '' });
    all.push(span);
    end = Math.max(end, span.to);
  }
  if (size > end) all.push({ from: end, to: size, name: '(padding)', value: '' });
  return all;
}

const bytesPerLine = 16;

function spanLines(span: Span, { bytes, base }: Place, width: number): string[] {
  const lines: string[] = [];
  for (let from = span.from; from < span.to; from += bytesPerLine) {
    const part = bytes.subarray(base + from, base + Math.min(from + bytesPerLine, span.to));
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const isFirst = from === span.from;
    const name = (isFirst ? span.name : '').padEnd(width);
    const at = from.toString(16).padStart(4, '0');
    lines.push(`  ${at}  ${name} | ${hex.padEnd(47)} | ${isFirst ? span.value : ''}`.trimEnd());
  }
  return lines;
}
