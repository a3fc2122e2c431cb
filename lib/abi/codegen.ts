import type { Access } from './access.ts';
import { widestTable } from './fits.ts';
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
    big: 'v',
    load: `let x; try { x = this[M].dv.get${method}(${at}, ${little}); } catch { gone(this); }`,
    store: (value) =>
      `try { this[M].dv.set${method}(${at}, ${value}, ${little}); } catch { gone(this); }`,
  };
}

// A typed array answers undefined, and ignores stores, once its buffer has shrunk or is detached.
function direct(kind: string, index: string): Unit {
  return {
    big: 'w',
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
  const { source, table } = check(access);
  return {
    get: `${whole.load} return ${fromRaw(access, 'x')};`,
    set: `${source} ${whole.store(toRaw(access, whole))}`,
    table,
  };
}

function fromRaw(access: Access, raw: string): string {
  if (access.value === 'boolean') return `${raw} !== 0`;
  return access.value === 'bigint' && access.size < 8 ? `BigInt(${raw})` : raw;
}

function toRaw(access: Access, whole: Unit): string {
  if (access.value === 'boolean') return '+v';
  if (access.value !== 'bigint') return 'v';
  return access.size < 8 ? 'Number(v)' : whole.big;
}

/** The source of a check, and the width of the table that it looks up as `F`. */
interface Check {
  readonly source: string;
  readonly table: number;
}

/** Throws unless `v` has the right type and fits. */
function check(access: Access): Check {
  const wrongType = `typeof v !== '${access.value}'`;
  if (access.form === 'bool' || access.form === 'float') {
    return { source: `if (${wrongType}) bad(v);`, table: 0 };
  }
  const width = widthOf(access);
  if (access.value === 'bigint') return { source: bigCheck(access, width, wrongType), table: 0 };
  const { key, table } = numberKey(access, width);
  return { source: `if (${wrongType} || F[${key}] === undefined) bad(v);`, table };
}

// V8 knows `w` as 64 bits, which a typed array stores as they are (a DataView is better off with
// `v`). The operator throws for most that is no bigint; typeof finds the objects that it converts.
function bigCheck(access: Access, width: number, wrongType: string): string {
  const cut = `BigInt.as${access.form === 'signed' ? 'Int' : 'Uint'}N(${width}, w)`;
  return (
    'let w; try { w = v | 0n; } catch { bad(v); } ' +
    `if (F[${cut} !== w ? 1 : 0] === undefined || F[${wrongType} ? 1 : 0] === undefined) bad(v);`
  );
}

/** What is looked up: an index in the table where `v` fits, else none. */
function numberKey(access: Access, width: number): { key: string; table: number } {
  const isSigned = access.form === 'signed';
  if (width > widestTable) {
    return { key: `v !== ${isSigned ? signedPart(width) : unsignedPart(width)} ? 1 : 0`, table: 0 };
  }
  // A sum rounds: a small fraction must not get lost in it.
  return { key: isSigned ? `v === (v | 0) ? v + ${2 ** (width - 1)} : -1` : 'v', table: width };
}

function signedPart(width: number): string {
  return width === 32 ? '(v | 0)' : `(v << ${32 - width} >> ${32 - width})`;
}

function unsignedPart(width: number): string {
  return width === 32 ? '(v >>> 0)' : `(v & ${2 ** width - 1})`;
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
  const { source, table } = check(access);
  return {
    get: `${whole.load} return ${value};`,
    set: `${source} ${whole.load} ${whole.store(merged)}`,
    table,
  };
}

function wideBits(access: Access, shift: number, whole: Unit): Accessor {
  const width = widthOf(access);
  const cut = `BigInt.as${access.form === 'signed' ? 'Int' : 'Uint'}N(${width}, x >> ${shift}n)`;
  const value = access.value === 'bigint' ? cut : `Number(${cut})`;
  const hole = BigInt.asUintN(64, ~((2n ** BigInt(width) - 1n) << BigInt(shift)));
  const given = `BigInt.asUintN(${width}, BigInt(v)) << ${shift}n`;
  const { source, table } = check(access);
  return {
    get: `${whole.load} return ${access.value === 'boolean' ? `${cut} !== 0n` : value};`,
    set: `${source} ${whole.load} ${whole.store(`x & ${hole}n | ${given}`)}`,
    table,
  };
}
