import { byteCount } from '../abi/byte-count.ts';
import { layout, type Target, type Type } from '../abi/index.ts';
import { type Cell, legendOf, type Row, rowBytes, rowsOf } from './diagram.ts';
import { targetLabel } from './spec.ts';
import { typeText } from './type-text.ts';

/** Characters for each byte. */
const byteWidth = 4;
const rowWidth = rowBytes * byteWidth;

/** A byte map in characters, the targets beside each other. */
export function diagramText(type: Type, targets: readonly Target[]): string {
  const columns = targets.map((target) => column(type, target));
  const height = Math.max(...columns.map((lines) => lines.length));
  const width = rowWidth + 8;
  const line = (at: number) => columns.map((lines) => (lines[at] ?? '').padEnd(width)).join('  ');
  return Array.from({ length: height }, (_, at) => line(at).trimEnd()).join('\n');
}

function column(type: Type, target: Target): string[] {
  const { size, align } = layout(type, target);
  const title = `${typeText(type, target)}, ${targetLabel(target)}: ${byteCount(size)}, align ${align}`;
  const rows = rowsOf(type, target);
  const border = `      +${'-'.repeat(rowWidth - 1)}+`;
  const body = rows.flatMap((row) => rowLines(row, border));
  return [title, ...body, ...(rows.length > 0 ? [border] : []), ...legendOf(type, target)];
}

function rowLines(row: Row, border: string): string[] {
  const skipped = row.skipped > 0 ? [border, `       … ${row.skipped * rowBytes} bytes`] : [];
  const label = row.label.padStart(5);
  const cells = row.cells.reduce(draw, ' '.repeat(rowWidth + 1));
  return [...skipped, border, `${label} ${cells}`];
}

function draw(line: string, cell: Cell): string {
  const from = Math.round((cell.from / 8) * byteWidth);
  const to = Math.max(Math.round((cell.to / 8) * byteWidth), from + 1);
  const room = to - from - 1;
  const isHole = cell.segment.kind === 'hole';
  const name = isHole ? '' : cell.isFirst ? short(cell.segment.label, room) : '';
  const inside = isHole ? '/'.repeat(room) : name.padEnd(room);
  const left = cell.isFirst ? '|' : ' ';
  const right = cell.isLast ? '|' : ' ';
  return line.slice(0, from) + left + inside + right + line.slice(to + 1);
}

/** The last part of a path where the whole does not fit. */
function short(label: string, room: number): string {
  if (label.length <= room) return label;
  const last = label.split('.').pop() ?? label;
  return last.length <= room ? last : last.slice(0, Math.max(room, 0));
}
