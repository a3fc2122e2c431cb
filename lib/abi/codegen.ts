import type { Access } from './access.ts';
import { check } from './check-source.ts';
import { hostIsLittle } from './memory.ts';
import { widthOf } from './value-check.ts';

/**
 * The source of getters and setters. Only numbers and the words below ever go into it: names
 * stay outside, in the error functions, so that no definition can put code in.
 */

export interface Accessor {
  readonly get: string;
  readonly set: string;
  /** Width of the table that the setter calls `F`. */
  readonly table: number;
  /** Which array of a Memory has such elements; of a bit-field, its bytes. */
  readonly kind: string;
}

/**
 * Where a value lies: `base` in bytes is a multiple of `align`, then a constant or an index. What
 * moves (see cursor()) adds its index times `stride`.
 */
export interface Position {
  /** `12`, or `i * 4` in an array. */
  readonly offset: string;
  /** The offset in elements, in an array of them. */
  readonly index?: string;
  /** What every value of `offset` is a multiple of. */
  readonly step: number;
  /** What the base is known to be a multiple of. */
  readonly align: number;
  /** Bytes of the record: nothing beyond may be touched, also to get at a bit-field. */
  readonly room: number;
  /** Bytes from one place to the next of a view that moves, else 0. */
  readonly stride: number;
  /** Whether the array has a typed array of its own, `this[P]`, from its first element to its last. */
  readonly own?: boolean;
  /** What is called where the bytes are not there. */
  readonly fail: string;
  /** What is called for a value `v` that does not fit. */
  readonly bad: string;
}

/** One load or store of 1, 2, 4 or 8 bytes. */
interface Unit {
  readonly load: string;
  /** The name under which a bigint is best stored: see bigCheck(). */
  readonly big: 'v' | 'w';
  readonly store: (value: string) => string;
}

const shifts: Readonly<Record<number, number>> = { 1: 0, 2: 1, 4: 2, 8: 3 };
const methods: Readonly<Record<string, string>> = {
  u16: 'Uint16',
  i16: 'Int16',
  u32: 'Uint32',
  i32: 'Int32',
  u64: 'BigUint64',
  i64: 'BigInt64',
  f32: 'Float32',
  f64: 'Float64',
};

/** Whether a typed array reaches the value: in this machine's order, at a multiple of its size. */
export function isDirect(size: number, little: boolean, position: Position): boolean {
  if (size === 1) return true;
  const { align, step, stride } = position;
  return little === hostIsLittle && [align, step, stride].every((bytes) => bytes % size === 0);
}

function unit(kind: string, size: number, little: boolean, position: Position): Unit {
  const { offset, stride, fail } = position;
  if (position.own) return direct('this[P]', 'i', fail);
  if (isDirect(size, little, position)) {
    const shift = shifts[size] ?? 0;
    const place = `(this[B] >> ${shift}) + ${position.index ?? `(${offset} >> ${shift})`}`;
    // "| 0" says that a sum cannot overflow.
    const index = stride > 0 ? `this[I][0] * ${stride >> shift} + (${place}) | 0` : place;
    return direct(`this[M].${kind}`, index, fail);
  }
  const at = `this[B] + ${stride > 0 ? `this[I][0] * ${stride} + ` : ''}${offset}`;
  const method = methods[kind];
  return {
    big: 'v',
    load: `let x; try { x = this[M].dv.get${method}(${at}, ${little}); } catch { ${fail}; }`,
    store: (value) =>
      `try { this[M].dv.set${method}(${at}, ${value}, ${little}); } catch { ${fail}; }`,
  };
}

// A typed array answers undefined, and ignores stores, once its buffer has shrunk or is detached.
function direct(array: string, index: string, fail: string): Unit {
  return {
    big: 'w',
    load: `const x = ${array}[${index}]; if (x === undefined) ${fail};`,
    // The load is dead code to the compiler, whose check of the index serves both.
    store: (value) =>
      `const a = ${array}, n = ${index}; a[n] = ${value}; if (a[n] === undefined) ${fail};`,
  };
}

/** Getter and setter bodies, or undefined where only the slow path does it. */
export function accessor(access: Access, position: Position): Accessor | undefined {
  if (access.longDouble || access.size > 8) return undefined;
  if (access.bits) return bitsAccessor(access, position);
  const form = access.form === 'float' ? 'f' : access.form === 'signed' ? 'i' : 'u';
  const kind = `${form}${access.size * 8}`;
  const whole = unit(kind, access.size, access.little, position);
  const { source, table } = check(access, position.bad);
  return {
    get: `${whole.load} return ${fromRaw(access, 'x')};`,
    set: `${source} ${whole.store(toRaw(access, whole))}`,
    table,
    kind,
  };
}

function fromRaw(access: Access, raw: string): string {
  if (access.value === 'boolean') return `${raw} !== 0`;
  return access.value === 'bigint' && access.size < 8 ? `BigInt(${raw})` : raw;
}

function toRaw(access: Access, whole: Unit): string {
  if (access.value !== 'bigint' || access.size < 8) return toNumber(access);
  return access.unchecked ? 'v' : whole.big;
}

function toNumber({ value, size, unchecked }: Access): string {
  if (value === 'boolean') return unchecked ? '(v ? 1 : 0)' : '+v';
  if (value === 'number') return 'v';
  return unchecked ? `Number(BigInt.asIntN(${size * 8}, v))` : 'Number(v)';
}

interface Window {
  readonly size: number;
  readonly start: number;
}

/** The smallest unit of at most 8 bytes in the record that holds the bits; aligned if it can be. */
function bitsWindow(at: number, width: number, room: number): Window | undefined {
  const first = Math.floor(at / 8);
  for (const size of [1, 2, 4, 8]) {
    const start = Math.min(Math.floor(first / size) * size, room - size);
    if (start >= 0 && start <= first && at + width <= (start + size) * 8) return { size, start };
  }
  return undefined;
}

function bitsAccessor(access: Access, position: Position): Accessor | undefined {
  const { at, width } = access.bits ?? { at: 0, width: 0 };
  const window = bitsWindow(at, width, position.room);
  if (!window) return undefined;
  const low = at - window.start * 8;
  const shift = access.little ? low : window.size * 8 - low - width;
  const place = { ...position, offset: String(window.start), step: window.start || 8 };
  return window.size === 8
    ? wideBits(access, shift, unit('u64', 8, access.little, place), place.bad)
    : narrowBits(
        access,
        shift,
        unit(`u${window.size * 8}`, window.size, access.little, place),
        place.bad,
      );
}

function narrowBits(access: Access, shift: number, whole: Unit, bad: string): Accessor {
  const width = widthOf(access);
  const mask = 2 ** width - 1;
  const number =
    access.form === 'signed'
      ? `x << ${32 - shift - width} >> ${32 - width}`
      : `(x >>> ${shift} & ${mask}) >>> 0`;
  const value = { number, boolean: `${number} !== 0`, bigint: `BigInt(${number})` }[access.value];
  const merged = `(x & ~(${mask} << ${shift}) | (${toNumber(access)} & ${mask}) << ${shift}) >>> 0`;
  const { source, table } = check(access, bad);
  return {
    get: `${whole.load} return ${value};`,
    set: `${source} ${whole.load} ${whole.store(merged)}`,
    table,
    kind: 'u8',
  };
}

function wideBits(access: Access, shift: number, whole: Unit, bad: string): Accessor {
  const width = widthOf(access);
  const cut = `BigInt.as${access.form === 'signed' ? 'Int' : 'Uint'}N(${width}, x >> ${shift}n)`;
  const value = access.value === 'bigint' ? cut : `Number(${cut})`;
  const hole = BigInt.asUintN(64, ~((2n ** BigInt(width) - 1n) << BigInt(shift)));
  const big = access.value === 'bigint' ? 'v' : `BigInt(${toNumber(access)} | 0)`;
  const given = `BigInt.asUintN(${width}, ${big}) << ${shift}n`;
  const { source, table } = check(access, bad);
  return {
    get: `${whole.load} return ${access.value === 'boolean' ? `${cut} !== 0n` : value};`,
    set: `${source} ${whole.load} ${whole.store(`x & ${hole}n | ${given}`)}`,
    table,
    kind: 'u8',
  };
}
