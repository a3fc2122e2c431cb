import { bareType } from '../abi/access.ts';
import { readValue } from '../abi/bytes.ts';
import { layout, type RecordType, resolveType, type Target, type Type } from '../abi/index.ts';
import { UserError } from '../user-error.ts';
import { leavesOf } from './leaves.ts';
import { segmentsOf } from './segments.ts';
import { typeText } from './type-text.ts';

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
  const settled = bareType(resolveType(type, target), target);
  if (settled.kind !== 'struct' && settled.kind !== 'union') {
    throw new UserError(`${typeText(type, target)} is not a struct or a union`);
  }
  const room = Math.max(file.length - at, 0);
  if (size * count > room) {
    throw new UserError(
      `${count} × ${size} bytes of ${typeText(type, target)} do not fit: ${room} bytes from ${at} on (file of ${file.length})`,
    );
  }
  return Array.from({ length: count }, (_, index) =>
    dumpOne(settled, target, file, at + index * size),
  ).join('\n\n');
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly value: string;
}

function dumpOne(type: RecordType, target: Target, file: Uint8Array, base: number): string {
  const { size } = layout(type, target);
  const dv = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const spans = spansOf(type, target, dv, base);
  const all = withHoles(spans, size, holesOf(type, target));
  const width = Math.max(6, ...all.map((span) => span.name.length));
  const title = `${typeText(type, target)} at ${base} (${size} bytes, ${target.name})`;
  const lines = all.flatMap((span) => spanLines(span, file, base, width));
  return [title, ...lines].join('\n');
}

function spansOf(type: RecordType, target: Target, dv: DataView, base: number): Span[] {
  return leavesOf(type, target).map(({ path, access }) => {
    const { bits, offset, size } = access;
    const from = bits ? Math.floor(bits.at / 8) : offset;
    const to = bits ? Math.ceil((bits.at + bits.width) / 8) : offset + size;
    const name = bits ? `${path}:${bits.width}` : path;
    return { from, to, name, value: valueText(readValue(dv, base, access)) };
  });
}

function valueText(value: number | bigint | boolean): string {
  if (typeof value === 'boolean' || (typeof value === 'number' && !Number.isInteger(value))) {
    return String(value);
  }
  const whole = BigInt(value);
  return whole > 9n ? `${whole} (0x${whole.toString(16)})` : String(whole);
}

type Bytes = Pick<Span, 'from' | 'to'>;

function holesOf(type: RecordType, target: Target): Bytes[] {
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
