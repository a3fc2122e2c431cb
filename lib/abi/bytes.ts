import type { Access } from './access.ts';
import { readLongDouble, writeLongDouble } from './long-double.ts';
import { checkValue, widthOf } from './value-check.ts';

/**
 * Reading and writing any value byte by byte: right for every form, order and position, and the
 * slow path of what the generated code does not cover (long double, __int128, bit-fields that
 * lie in more than 8 bytes).
 */

export type Value = number | bigint | boolean;

/** The unsigned integer in `size` bytes at `at`. */
export function readUnsigned(dv: DataView, at: number, size: number, little: boolean): bigint {
  let value = 0n;
  for (let index = 0; index < size; index++) {
    value = (value << 8n) | BigInt(dv.getUint8(little ? at + size - 1 - index : at + index));
  }
  return value;
}

export function writeUnsigned(
  dv: DataView,
  at: number,
  size: number,
  little: boolean,
  value: bigint,
): void {
  let rest = value;
  for (let index = 0; index < size; index++) {
    dv.setUint8(little ? at + index : at + size - 1 - index, Number(rest & 255n));
    rest >>= 8n;
  }
}

/** The bytes that hold a value, and how far it is from their least significant bit. */
function window(access: Access) {
  const { bits, size, offset } = access;
  if (!bits) return { first: offset, bytes: size, shift: 0n };
  const first = Math.floor(bits.at / 8);
  const bytes = Math.ceil((bits.at + bits.width) / 8) - first;
  const low = bits.at - first * 8;
  return { first, bytes, shift: BigInt(access.little ? low : bytes * 8 - low - bits.width) };
}

/** The value of a field whose record (or array) begins at `base`. */
export function readValue(dv: DataView, base: number, access: Access): Value {
  const { first, bytes, shift } = window(access);
  if (access.form === 'float') return readFloat(dv, base + first, access);
  const raw = readUnsigned(dv, base + first, bytes, access.little) >> shift;
  const width = widthOf(access);
  const whole = access.form === 'signed' ? BigInt.asIntN(width, raw) : BigInt.asUintN(width, raw);
  if (access.value === 'boolean') return whole !== 0n;
  return access.value === 'bigint' ? whole : Number(whole);
}

/** Stores what is fitting(); other bits of a bit-field's bytes stay as they are. */
export function writeValue(dv: DataView, base: number, access: Access, given: unknown): void {
  const value = fitting(access, given);
  const { first, bytes, shift } = window(access);
  if (access.form === 'float') {
    writeFloat(dv, base + first, access, value as number);
    return;
  }
  const mask = 2n ** BigInt(widthOf(access)) - 1n;
  const old = readUnsigned(dv, base + first, bytes, access.little) & ~(mask << shift);
  const next = (BigInt(value) & mask) << shift;
  writeUnsigned(dv, base + first, bytes, access.little, old | next);
}

/** What is stored for a value: itself, if it fits; without a check what a typed array makes of it. */
export function fitting(access: Access, given: unknown): Value {
  if (!access.unchecked) {
    checkValue(access, given);
    return given as Value;
  }
  if (access.value === 'boolean') return Boolean(given);
  if (access.value === 'bigint') return BigInt.asUintN(widthOf(access), given as bigint);
  return access.form === 'float' ? +(given as number) : (given as number) | 0;
}

function readFloat(dv: DataView, at: number, access: Access): number {
  if (access.longDouble) return readLongDouble(dv, at, access.longDouble, access.little);
  return access.size === 4 ? dv.getFloat32(at, access.little) : dv.getFloat64(at, access.little);
}

function writeFloat(dv: DataView, at: number, access: Access, value: number): void {
  if (access.longDouble) writeLongDouble(dv, at, access.longDouble, access.little, value);
  else if (access.size === 4) dv.setFloat32(at, value, access.little);
  else dv.setFloat64(at, value, access.little);
}
