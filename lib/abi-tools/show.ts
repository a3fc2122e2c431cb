import { bareType } from '../abi/access.ts';
import { byteCount } from '../abi/byte-count.ts';
import {
  type FieldLayout,
  type Layout,
  layout,
  resolveType,
  type Target,
  type Type,
} from '../abi/index.ts';
import { enumScalar } from '../abi/scalar-layout.ts';
import { targetLabel } from './spec.ts';
import { splitLengths, typeText } from './type-text.ts';

/** Bytes of a cache line, where pahole draws its lines. */
export const cacheLineBytes = 64;

/** A layout as pahole prints it: holes and cache lines marked. */
export function showText(type: Type, target: Target): string {
  const inside = layout(type, target);
  const settled = resolveType(type, target);
  const bare = bareType(type, target);
  if (bare.kind !== 'struct' && bare.kind !== 'union') return valueText(settled, bare, target);
  const title = `${typeText(settled, target)} {`;
  const lines = body(inside, { target, width: widest(inside, target), depth: 1, base: 0 });
  return [
    `${title.padEnd(44)}/* ${targetLabel(target)} */`,
    ...lines,
    ...summary(inside),
    '};',
  ].join('\n');
}

/** An enumeration with its enumerators; arrays and single values have nothing inside to print. */
function valueText(settled: Type, bare: Type, target: Target): string {
  const { size, align } = layout(settled, target);
  const text = typeText(settled, target);
  const title = `${bare.kind === 'enum' ? `${text} {` : `${text};`}`.padEnd(44);
  const first = `${title}/* ${targetLabel(target)} */`;
  const place = `\t/* size: ${size}, align: ${align}`;
  if (bare.kind !== 'enum') return [first, '', `${place} */`].join('\n');
  const entries = Object.entries(bare.values);
  const lines = entries.map(([name, value]) => `\t${name} = ${value},`);
  const integer = `${enumScalar(bare, target)}, enumerators: ${entries.length}`;
  return [first, ...lines, '', `${place}, integer: ${integer} */`, '};'].join('\n');
}

/** How a record's members are printed; `base` is where it begins in the outermost one. */
interface Style {
  readonly target: Target;
  readonly width: number;
  readonly depth: number;
  readonly base: number;
}

/** Columns: of a member's name, and of a tab, by which the members of an inner record are indented. */
const nameWidth = 24;
const tabWidth = 8;

function widest({ fields }: Layout, target: Target): number {
  const widths = fields.map((field) => {
    if (isInline(field)) return widest(layout(field.type, target), target);
    return declarator(field, target)[0].length;
  });
  return Math.max(12, ...widths);
}

/** `u32` and `list[4]`, as C declares it. */
function declarator({ name, type, bitWidth }: FieldLayout, target: Target): [string, string] {
  const [text, lengths] = splitLengths(typeText(type, target));
  if (lengths !== '') return [text, `${name}${lengths}`];
  return [text, `${name}${bitWidth === undefined ? '' : `:${bitWidth}`}`];
}

/** A struct or union without a tag: it is declared where it stands. */
function isInline({ type, bitWidth }: FieldLayout): boolean {
  const isRecord = type.kind === 'struct' || type.kind === 'union';
  return isRecord && type.name === '' && bitWidth === undefined;
}

function body(inside: Layout, style: Style): string[] {
  const { base } = style;
  const indent = '\t'.repeat(style.depth);
  const lines: string[] = [];
  let line = Math.floor(base / cacheLineBytes);
  const isUnion = inside.fields.length > 1 && inside.fields.every((one) => one.offset === 0);
  for (const field of inside.fields) {
    const hole = inside.holes.find((one) => one.bitOffset + one.bits === field.bitOffset);
    if (hole) lines.push('', `${indent}/* XXX ${bitsWord(hole.bits)} hole, try to pack */`, '');
    const offset = base + field.offset;
    const at = Math.floor(offset / cacheLineBytes);
    if (at > line && !isUnion) lines.push(`${indent}${boundary(at, offset)}`);
    line = Math.max(line, at);
    lines.push(...(isInline(field) ? inlineLines(field, style) : [memberLine(field, style)]));
  }
  return lines;
}

function inlineLines(field: FieldLayout, style: Style): string[] {
  const { target, depth, base } = style;
  const offset = base + field.offset;
  const inner = { ...style, depth: depth + 1, base: offset };
  return [
    `${'\t'.repeat(depth)}${field.type.kind} {`,
    ...body(layout(field.type, target), inner),
    placed(
      `}${field.name === '' ? '' : ` ${field.name}`};`,
      style,
      placeText(offset, '   ', field.size),
    ),
  ];
}

/** A line with the comment in its column. */
function placed(text: string, { width, depth }: Style, place: string): string {
  const columns = width + 1 + nameWidth - (depth - 1) * tabWidth;
  return `${'\t'.repeat(depth)}${text.padEnd(columns)} /* ${place} */`;
}

function boundary(index: number, offset: number): string {
  const into = offset - index * cacheLineBytes;
  const where = into === 0 ? '' : ` was ${byteCount(into)} ago`;
  return `/* --- cacheline ${index} boundary (${index * cacheLineBytes} bytes)${where} --- */`;
}

function memberLine(field: FieldLayout, style: Style): string {
  const [type, name] = declarator(field, style.target);
  const bit = field.bitWidth === undefined ? '   ' : `:${String(field.bitOffset % 8).padStart(2)}`;
  const text = `${type.padEnd(style.width)} ${name};`;
  return placed(text, style, placeText(style.base + field.offset, bit, field.size));
}

function placeText(offset: number, bit: string, size: number): string {
  return `${String(offset).padStart(6)}${bit} ${String(size).padStart(5)}`;
}

function bitsWord(bits: number): string {
  if (bits % 8 !== 0) return `${bits} ${bits === 1 ? 'bit' : 'bits'}`;
  return byteCount(bits / 8);
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
    rest.push(`\t/* last cacheline: ${byteCount(size % cacheLineBytes)} */`);
  return ['', ...rest];
}

/** The same as data. Its keys stay as they are: programs read them. */
export function showJson(type: Type, target: Target): object {
  const { size, align, fields, holes, tailPadding } = layout(type, target);
  const bare = bareType(type, target);
  const enumerators = bare.kind === 'enum' ? { enumerators: bare.values } : {};
  return {
    type: typeText(resolveType(type, target), target),
    target: targetLabel(target),
    size,
    align,
    ...enumerators,
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
