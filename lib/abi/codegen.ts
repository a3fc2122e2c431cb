import type { Access } from './access.ts';
import { hostIsLittle } from './memory.ts';
import { widthOf } from './value-check.ts';

/**
 * The source of getters and setters. Only numbers and the words below ever go into it: names
 * stay outside, in the error functions, so that no definition can put code in.
 */

export interface Accessor {
  readonly get: string;
  readonly set: string;
}

/** Where a value lies: `base` in bytes is a multiple of `align`, then a constant or an index. */
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
}

/** One load or store of 1, 2, 4 or 8 bytes. */
interface Unit {
  readonly load: string;
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

function isDirect(size: number, little: boolean, position: Position): boolean {
  if (size === 1) return true;
  return little === hostIsLittle && position.align % size === 0 && position.step % size === 0;
}

function unit(kind: string, size: number, little: boolean, position: Position): Unit {
  const at = `this[B] + ${position.offset}`;
  if (isDirect(size, little, position)) {
    const shift = shifts[size];
    const offset = position.index ?? `(${position.offset} >> ${shift})`;
    return direct(kind, `(this[B] >> ${shift}) + ${offset}`);
  }
  const method = methods[kind];
  return {
    load: `let x; try { x = this[M].dv.get${method}(${at}, ${little}); } catch { gone(this); }`,
    store: (value) =>
      `try { this[M].dv.set${method}(${at}, ${value}, ${little}); } catch { gone(this); }`,
  };
}

// A typed array answers undefined, and ignores stores, once its buffer has shrunk or is detached.
function direct(kind: string, index: string): Unit {
  return {
    load: `const x = this[M].${kind}[${index}]; if (x === undefined) gone(this);`,
    // The load is dead code to the compiler, whose check of the index serves both.
    store: (value) =>
      `const a = this[M].${kind}, n = ${index}; a[n] = ${value}; if (a[n] === undefined) gone(this);`,
  };
}

/** Getter and setter bodies, or undefined where only the slow path does it. */
export function accessor(access: Access, position: Position): Accessor | undefined {
  if (access.longDouble || access.size > 8) return undefined;
  if (access.bits) return bitsAccessor(access, position);
  const kind = `${access.form === 'float' ? 'f' : access.form === 'signed' ? 'i' : 'u'}`;
  const whole = unit(`${kind}${access.size * 8}`, access.size, access.little, position);
  return {
    get: `${whole.load} return ${fromRaw(access, 'x')};`,
    set: `${check(access)} ${whole.store(toRaw(access))}`,
  };
}

function fromRaw(access: Access, raw: string): string {
  if (access.value === 'boolean') return `${raw} !== 0`;
  return access.value === 'bigint' && access.size < 8 ? `BigInt(${raw})` : raw;
}

function toRaw(access: Access): string {
  if (access.value === 'boolean') return '+v';
  return access.value === 'bigint' && access.size < 8 ? 'Number(v)' : 'v';
}

/** Throws unless `v` has the right type and fits. */
function check(access: Access): string {
  const wrongType = `typeof v !== '${access.value}'`;
  if (access.form === 'bool' || access.form === 'float') return `if (${wrongType}) bad(v);`;
  const width = widthOf(access);
  const unfit = access.value === 'bigint' ? bigUnfit(access, width) : unfitNumber(access, width);
  return `if (${wrongType} || ${unfit}) bad(v);`;
}

function bigUnfit(access: Access, width: number): string {
  return `BigInt.as${access.form === 'signed' ? 'Int' : 'Uint'}N(${width}, v) !== v`;
}

// Of the forms tried, what V8 folds away most: it knows the range of many values. NaN differs from
// its own floor.
function unfitNumber(access: Access, width: number): string {
  const isSigned = access.form === 'signed';
  if (!isSigned && width === 32) return 'v !== v >>> 0';
  const least = isSigned ? -(2 ** (width - 1)) : 0;
  const most = isSigned ? 2 ** (width - 1) - 1 : 2 ** width - 1;
  return `v < ${least} || v > ${most} || v !== Math.floor(v)`;
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
    ? wideBits(access, shift, unit('u64', 8, access.little, place))
    : narrowBits(access, shift, unit(`u${window.size * 8}`, window.size, access.little, place));
}

function narrowBits(access: Access, shift: number, whole: Unit): Accessor {
  const width = widthOf(access);
  const mask = 2 ** width - 1;
  const number =
    access.form === 'signed'
      ? `x << ${32 - shift - width} >> ${32 - width}`
      : `(x >>> ${shift} & ${mask}) >>> 0`;
  const value = { number, boolean: `${number} !== 0`, bigint: `BigInt(${number})` }[access.value];
  const given = access.value === 'bigint' ? 'Number(v)' : access.value === 'boolean' ? '+v' : 'v';
  const merged = `(x & ~(${mask} << ${shift}) | (${given} & ${mask}) << ${shift}) >>> 0`;
  return {
    get: `${whole.load} return ${value};`,
    set: `${check(access)} ${whole.load} ${whole.store(merged)}`,
  };
}

function wideBits(access: Access, shift: number, whole: Unit): Accessor {
  const width = widthOf(access);
  const cut = `BigInt.as${access.form === 'signed' ? 'Int' : 'Uint'}N(${width}, x >> ${shift}n)`;
  const value = access.value === 'bigint' ? cut : `Number(${cut})`;
  const hole = BigInt.asUintN(64, ~((2n ** BigInt(width) - 1n) << BigInt(shift)));
  const given = `BigInt.asUintN(${width}, BigInt(v)) << ${shift}n`;
  return {
    get: `${whole.load} return ${access.value === 'boolean' ? `${cut} !== 0n` : value};`,
    set: `${check(access)} ${whole.load} ${whole.store(`x & ${hole}n | ${given}`)}`,
  };
}
