import { byteCount } from '../abi/byte-count.ts';
import { layout, type Target, type Type } from '../abi/index.ts';
import { type Cell, legendOf, type Row, rowBytes, rowsOf } from './diagram.ts';
import { targetLabel } from './spec.ts';
import { typeText } from './type-text.ts';

const byteWidth = 44;
const rowHeight = 30;
const gutter = 56;
const columnWidth = rowBytes * byteWidth + gutter + 36;
const top = 76;
const legendHeight = 16;
/** Width of a letter of the 12 px font, to know whether a name fits. */
const letter = 7.3;

const style = `
  text { font: 12px ui-monospace, 'DejaVu Sans Mono', monospace; fill: #1b1f24; white-space: pre; }
  .title { font-size: 15px; font-weight: bold; } .small { font-size: 11px; fill: #57606a; }
  .member { fill: #ddf4ff; stroke: #0969da; } .other { fill: #fff8c5; stroke: #9a6700; }
  .bits { fill: #dafbe1; stroke: #1a7f37; } .hole { fill: url(#hatch); stroke: #8c959f; }
  .byte { stroke: #afb8c1; stroke-dasharray: 2 3; }`;

const hatch = `<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"
    patternTransform="rotate(45)"><rect width="6" height="6" fill="#f6f8fa"/><path d="M0 0V6"
    stroke="#8c959f"/></pattern>`;

/** A byte map as SVG, the targets beside each other. */
export function diagramSvg(type: Type, targets: readonly Target[]): string {
  const columns = targets.map((target) => rowsOf(type, target));
  const heights = columns.map((rows, at) => {
    const legend = legendOf(type, targets[at] as Target).length * legendHeight;
    return rows.reduce((sum, row) => sum + heightOf(row), legend);
  });
  const width = targets.length * columnWidth + 16;
  const height = top + Math.max(rowHeight, ...heights) + 20;
  const parts = targets.map((target, at) =>
    column(type, target, columns[at] ?? [], at * columnWidth + 8),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<defs><style>${style}</style>${hatch}</defs>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function heightOf(row: Row): number {
  return rowHeight + (row.skipped > 0 ? rowHeight * 0.8 : 0);
}

function column(type: Type, target: Target, rows: readonly Row[], x: number): string {
  const { size, align } = layout(type, target);
  const left = x + gutter;
  const facts = `${targetLabel(target)}: ${byteCount(size)}, align ${align}, ${target.byteOrder}-endian`;
  const parts = [text(left, 24, typeText(type, target), 'title'), text(left, 44, facts, 'small')];
  for (let byte = 0; byte < rowBytes; byte++) {
    parts.push(text(left + (byte + 0.5) * byteWidth, top - 8, String(byte), 'small', 'middle'));
  }
  let y = top;
  for (const row of rows) {
    if (row.skipped > 0) {
      const note = `… ${row.skipped * rowBytes} bytes`;
      parts.push(text(left + 8, y + rowHeight * 0.55, note, 'small'));
    }
    y += heightOf(row) - rowHeight;
    parts.push(...drawRow(row, left, y));
    y += rowHeight;
  }
  legendOf(type, target).forEach((line, index) => {
    parts.push(text(left, y + 14 + index * legendHeight, line, 'small'));
  });
  return parts.join('\n');
}

function drawRow(row: Row, left: number, y: number): string[] {
  const parts = [text(left - 10, y + 18, row.label, 'small', 'end')];
  for (const cell of row.cells) parts.push(...drawCell(cell, left, y));
  return parts;
}

function drawCell(cell: Cell, left: number, y: number): string[] {
  const x = left + (cell.from / 8) * byteWidth;
  const width = ((cell.to - cell.from) / 8) * byteWidth;
  const { segment } = cell;
  const kind = segment.kind === 'member' && segment.lane > 0 ? 'other' : segment.kind;
  const place = `x="${x}" y="${y}" width="${width}" height="${rowHeight - 4}"`;
  const title = `<title>${escaped(titleOf(cell))}</title>`;
  const parts = [`<rect class="${kind}" rx="2" ${place}>${title}</rect>`];
  for (let byte = Math.floor(cell.from / 8) + 1; byte < cell.to / 8; byte++) {
    const at = left + byte * byteWidth;
    if (kind !== 'hole')
      parts.push(`<path class="byte" d="M${at} ${y + 20}V${y + rowHeight - 4}"/>`);
  }
  const name = fitting(segment.label, width - 8);
  if (name) parts.push(text(x + width / 2, y + 17, cell.isFirst ? name : '…', '', 'middle'));
  return parts;
}

function titleOf({ segment }: Cell): string {
  const name = segment.label || 'hole';
  const byte = Math.floor(segment.bitOffset / 8);
  if (segment.bits % 8 === 0 && segment.bitOffset % 8 === 0) {
    return `${name}: byte ${byte}, ${byteCount(segment.bits / 8)}`;
  }
  return `${name}: byte ${byte} bit ${segment.bitOffset % 8}, ${segment.bits} bits`;
}

function fitting(label: string, width: number): string {
  const room = Math.floor(width / letter);
  if (label.length <= room) return label;
  const last = label.split('.').pop() ?? '';
  if (last.length <= room) return last;
  return room >= 2 ? `${last.slice(0, room - 1)}…` : '';
}

function text(x: number, y: number, content: string, kind: string, anchor = 'start'): string {
  const named = kind ? ` class="${kind}"` : '';
  return `<text x="${x}" y="${y}"${named} text-anchor="${anchor}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  const codes: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return content.replaceAll(/[&<>"]/g, (char) => codes[char] ?? char);
}
