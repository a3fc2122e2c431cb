import {
  type FieldLayout,
  type Layout,
  layout,
  resolveType,
  type Target,
  type Type,
} from '../abi/index.ts';
import { targetLabel } from './spec.ts';
import { typeText } from './type-text.ts';

/** Bytes of a cache line, where pahole draws its lines. */
export const cacheLineBytes = 64;

/** A layout as pahole prints it: holes and cache lines marked. */
export function showText(type: Type, target: Target): string {
  const inside = layout(type, target);
  const settled = resolveType(type, target);
  const title = `${typeText(settled, target)} {`;
  const width = Math.max(12, ...inside.fields.map((one) => typeText(one.type, target).length));
  const lines = body(inside, target, width);
  return [
    `${title.padEnd(44)}/* ${targetLabel(target)} */`,
    ...lines,
    ...summary(inside),
    '};',
  ].join('\n');
}

function body(inside: Layout, target: Target, width: number): string[] {
  const lines: string[] = [];
  let line = 0;
  const isUnion = inside.fields.length > 1 && inside.fields.every((one) => one.offset === 0);
  for (const field of inside.fields) {
    const hole = inside.holes.find((one) => one.bitOffset + one.bits === field.bitOffset);
    if (hole) lines.push('', `\t/* XXX ${bitsWord(hole.bits)} hole, try to pack */`, '');
    const at = Math.floor(field.offset / cacheLineBytes);
    if (at > line && !isUnion) lines.push(boundary(at, field.offset));
    line = Math.max(line, at);
    lines.push(memberLine(field, target, width));
  }
  return lines;
}

function boundary(index: number, offset: number): string {
  const into = offset - index * cacheLineBytes;
  const where = into === 0 ? '' : ` was ${into} bytes ago`;
  return `\t/* --- cacheline ${index} boundary (${index * cacheLineBytes} bytes)${where} --- */`;
}

function memberLine(field: FieldLayout, target: Target, width: number): string {
  const type = typeText(field.type, target).padEnd(width);
  const isBits = field.bitWidth !== undefined;
  const name = `${field.name}${isBits ? `:${field.bitWidth}` : ''};`;
  const bit = isBits ? `:${String(field.bitOffset % 8).padStart(2)}` : '   ';
  const place = `${String(field.offset).padStart(6)}${bit} ${String(field.size).padStart(5)}`;
  return `\t${type} ${name.padEnd(24)} /* ${place} */`;
}

function bitsWord(bits: number): string {
  if (bits % 8 !== 0) return `${bits} ${bits === 1 ? 'bit' : 'bits'}`;
  return `${bits / 8} ${bits === 8 ? 'byte' : 'bytes'}`;
}

function summary(inside: Layout): string[] {
  const { size, align, fields, holes, tailPadding } = inside;
  const lines = Math.ceil(size / cacheLineBytes);
  const holeBits = holes.reduce((sum, one) => sum + one.bits, 0);
  const counts = `size: ${size}, align: ${align}, cachelines: ${lines}, members: ${fields.length}`;
  const rest = [`\t/* ${counts} */`];
  if (holes.length > 0)
    rest.push(`\t/* holes: ${holes.length}, sum holes: ${bitsWord(holeBits)} */`);
  if (tailPadding > 0) rest.push(`\t/* padding: ${tailPadding} */`);
  if (size % cacheLineBytes !== 0)
    rest.push(`\t/* last cacheline: ${size % cacheLineBytes} bytes */`);
  return ['', ...rest];
}

/** The same as data. Its keys stay as they are: programs read them. */
export function showJson(type: Type, target: Target): object {
  const { size, align, fields, holes, tailPadding } = layout(type, target);
  return {
    type: typeText(resolveType(type, target), target),
    target: targetLabel(target),
    size,
    align,
    members: fields.map((field) => memberJson(field, target)),
    holes,
    tailPadding,
  };
}

function memberJson(field: FieldLayout, target: Target): object {
  const { name, offset, size, bitOffset, bitWidth } = field;
  const bits = bitWidth === undefined ? {} : { bitWidth };
  return { name, type: typeText(field.type, target), offset, size, bitOffset, ...bits };
}
