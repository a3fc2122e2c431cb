import { bareType } from '../abi/access.ts';
import { layout, type Target, type Type } from '../abi/index.ts';
import { type Segment, segmentsOf } from './segments.ts';

/** Bytes in a row of a picture. */
export const rowBytes = 8;
/** Rows that are drawn of one member before the rest is left out. */
const rowsPerMember = 3;

/** A part of a member that lies in one row. */
export interface Cell {
  readonly segment: Segment;
  /** Bits from the row's start, in the order of memory. */
  readonly from: number;
  readonly to: number;
  /** The member begins or ends here. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** One row of bytes; rows of one offset are lanes of a union. `skipped`: rows left out before. */
export interface Row {
  readonly offset: number;
  /** `8`, or `or` for a further lane of the same bytes. */
  readonly label: string;
  readonly cells: readonly Cell[];
  readonly skipped: number;
}

/** A type as rows of 8 bytes; the middle of long arrays is left out. */
export function rowsOf(type: Type, target: Target): Row[] {
  const { size } = layout(type, target);
  const segments = segmentsOf(type, target);
  const shown = shownRows(segments, Math.ceil(size / rowBytes));
  const rows: Row[] = [];
  let previous = -1;
  for (const index of shown) {
    const lanes = [...new Set(cellsAt(segments, index).map((cell) => cell.segment.lane))].sort(
      (a, b) => a - b,
    );
    lanes.forEach((lane, at) => {
      const cells = cellsAt(segments, index).filter((cell) => cell.segment.lane === lane);
      const skipped = at === 0 ? index - previous - 1 : 0;
      const offset = index * rowBytes;
      rows.push({ offset, label: at === 0 ? String(offset) : 'or', cells, skipped });
    });
    previous = index;
  }
  return rows;
}

function cellsAt(segments: readonly Segment[], index: number): Cell[] {
  const start = index * rowBytes * 8;
  const end = start + rowBytes * 8;
  return segments
    .filter((one) => one.bitOffset < end && one.bitOffset + one.bits > start)
    .map((segment) => {
      const last = segment.bitOffset + segment.bits;
      const from = Math.max(segment.bitOffset, start) - start;
      const to = Math.min(last, end) - start;
      return { segment, from, to, isFirst: segment.bitOffset >= start, isLast: last <= end };
    })
    .sort((a, b) => a.from - b.from);
}

/** A row is shown if some member begins or ends near it. */
function shownRows(segments: readonly Segment[], count: number): number[] {
  const rows = new Set<number>();
  for (const { bitOffset, bits } of segments) {
    const first = Math.floor(bitOffset / (rowBytes * 8));
    const last = Math.min(Math.ceil((bitOffset + bits) / (rowBytes * 8)), count) - 1;
    const isShort = last - first < rowsPerMember * 2;
    const head = isShort ? last : first + rowsPerMember - 2;
    for (let row = first; row <= head; row++) rows.add(row);
    rows.add(last);
  }
  return [...rows].sort((a, b) => a - b);
}

/** Letters in a line of the legend. */
const legendWidth = 46;

/** Lines below the picture: bit-fields by the byte where each begins, or enumerators. */
export function legendOf(type: Type, target: Target): string[] {
  const bare = bareType(type, target);
  if (bare.kind === 'enum') {
    return legendLines(
      'values:',
      Object.entries(bare.values).map(([name, value]) => `${name}=${value}`),
    );
  }
  const byByte = new Map<number, string[]>();
  for (const { kind, label, bitOffset, bits } of segmentsOf(type, target)) {
    if (kind !== 'bits') continue;
    const byte = Math.floor(bitOffset / 8);
    byByte.set(byte, [...(byByte.get(byte) ?? []), `${label}:${bits}`]);
  }
  return [...byByte].flatMap(([byte, names]) => legendLines(`byte ${byte}:`, names));
}

function legendLines(head: string, names: readonly string[]): string[] {
  const lines = [head];
  for (const name of names) {
    const last = lines[lines.length - 1] ?? '';
    const isFull = last.length + name.length > legendWidth;
    if (isFull) lines.push(`        ${name}`);
    else lines[lines.length - 1] = `${last} ${name}`;
  }
  return lines;
}
