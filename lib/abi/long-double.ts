import { readUnsigned, writeUnsigned } from './bytes.ts';
import type { LongDoubleFormat } from './target.ts';

/**
 * `long double` as a number of JavaScript: writing is exact, reading rounds to the nearest double.
 * A wide format is sign and exponent (15 bits, bias 16383) over a fraction; `x87` and `m68k` keep
 * the fraction's leading 1, `binary128` does not.
 */
interface Wide {
  /** Bytes of the fraction, and of sign and exponent above it. */
  readonly fractionBytes: number;
  readonly fractionBits: number;
  readonly explicitOne: boolean;
  /** Bytes between exponent and fraction (m68k). */
  readonly gap: number;
}

const wide: Readonly<Record<'x87' | 'm68k' | 'binary128', Wide>> = {
  x87: { fractionBytes: 8, fractionBits: 63, explicitOne: true, gap: 0 },
  m68k: { fractionBytes: 8, fractionBits: 63, explicitOne: true, gap: 2 },
  binary128: { fractionBytes: 14, fractionBits: 112, explicitOne: false, gap: 0 },
};
const bias = 16383;
const topExponent = 0x7fff;

export function readLongDouble(
  dv: DataView,
  at: number,
  format: LongDoubleFormat,
  little: boolean,
): number {
  if (format === 'double') return dv.getFloat64(at, little);
  if (format === 'ibm') {
    const [high, low] = [dv.getFloat64(at, little), dv.getFloat64(at + 8, little)];
    // The sign of a zero is the first one's.
    return high === 0 && low === 0 ? high : high + low;
  }
  const shape = wide[format];
  const places = halves(at, shape, little);
  const head = Number(readUnsigned(dv, places.head, 2, little));
  const fraction = readUnsigned(dv, places.fraction, shape.fractionBytes, little);
  return assemble(shape, head, fraction);
}

export function writeLongDouble(
  dv: DataView,
  at: number,
  format: LongDoubleFormat,
  little: boolean,
  value: number,
): void {
  if (format === 'double' || format === 'ibm') {
    dv.setFloat64(at, value, little);
    if (format === 'ibm') dv.setFloat64(at + 8, 0, little);
    return;
  }
  const shape = wide[format];
  const places = halves(at, shape, little);
  const { head, fraction } = split(shape, value);
  if (shape.gap > 0) writeUnsigned(dv, places.head + 2, shape.gap, little, 0n);
  writeUnsigned(dv, places.head, 2, little, BigInt(head));
  writeUnsigned(dv, places.fraction, shape.fractionBytes, little, fraction);
}

function halves(at: number, shape: Wide, little: boolean) {
  if (little) return { fraction: at, head: at + shape.fractionBytes };
  return { head: at, fraction: at + 2 + shape.gap };
}

function assemble(shape: Wide, head: number, fraction: bigint): number {
  const sign = head & 0x8000 ? -1 : 1;
  const exponent = head & topExponent;
  const below = BigInt.asUintN(shape.fractionBits, fraction);
  if (exponent === topExponent) return below === 0n ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const one = shape.explicitOne ? 0n : exponent > 0 ? 1n << BigInt(shape.fractionBits) : 0n;
  return sign * scaled(fraction | one, Math.max(exponent, 1) - bias - shape.fractionBits);
}

/** whole * 2^power, rounded once, to the nearest double and to even. */
function scaled(whole: bigint, power: number): number {
  const length = whole.toString(2).length;
  const spare = Math.max(length - 53, -1074 - power, 0);
  if (spare === 0) return Number(whole) * 2 ** power;
  const kept = whole >> BigInt(spare);
  const rest = whole - (kept << BigInt(spare));
  const half = 1n << BigInt(spare - 1);
  const up = rest > half || (rest === half && (kept & 1n) === 1n) ? 1n : 0n;
  return ldexp(Number(kept + up), power + spare);
}

/** value * 2^power in two steps, since 2 ** power alone may be out of a double's range. */
function ldexp(value: number, power: number): number {
  const first = Math.max(-1000, Math.min(1000, power));
  const rest = power - first;
  return rest === 0 ? value * 2 ** first : value * 2 ** first * 2 ** rest;
}

function split(shape: Wide, value: number) {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const one = shape.explicitOne ? 1n << BigInt(shape.fractionBits) : 0n;
  if (Number.isNaN(value)) {
    const quiet = 1n << BigInt(shape.fractionBits - 1);
    return { head: topExponent, fraction: one | quiet };
  }
  if (!Number.isFinite(value)) return { head: sign | topExponent, fraction: one };
  if (value === 0) return { head: sign, fraction: 0n };
  return finite(shape, sign, Math.abs(value));
}

const scratch = new DataView(new ArrayBuffer(8));

/** Every finite double, subnormal ones too, is a normal number in the wide formats. */
function finite(shape: Wide, sign: number, value: number) {
  const isTiny = value < 2 ** -1022;
  scratch.setFloat64(0, isTiny ? value * 2 ** 52 : value);
  const raw = scratch.getBigUint64(0);
  const exponent = Number(raw >> 52n) - 1023 - (isTiny ? 52 : 0);
  const fraction = BigInt.asUintN(52, raw) << BigInt(shape.fractionBits - 52);
  const one = shape.explicitOne ? 1n << BigInt(shape.fractionBits) : 0n;
  return { head: sign | (exponent + bias), fraction: fraction | one };
}
