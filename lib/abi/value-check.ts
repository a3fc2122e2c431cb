import type { Access } from './access.ts';

/** Bits that the value has room for. */
export function widthOf(access: Access): number {
  return access.bits?.width ?? access.size * 8;
}

export function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'symbol' ? 'a symbol' : String(value);
}

/** `ring.comp[3]` of `ring.comp[]`. */
export function elementPath(path: string, index: number): string {
  return path.replace(/\[\]$/, `[${index}]`);
}

function limits(access: Access): readonly [bigint, bigint] {
  const width = BigInt(widthOf(access));
  if (access.form !== 'signed') return [0n, 2n ** width - 1n];
  return [-(2n ** (width - 1n)), 2n ** (width - 1n) - 1n];
}

const expectedType = { bigint: 'a bigint', boolean: 'a boolean', number: 'a number' } as const;

/** Why `value` cannot be stored: TypeError for a wrong type, RangeError for what does not fit. */
export function badValue(access: Access, value: unknown): Error {
  const [least, most] = limits(access);
  const suffix = access.value === 'bigint' ? 'n' : '';
  if (typeof value !== access.value) {
    const what = expectedType[access.value];
    return new TypeError(`${access.path}: expected ${what}, got ${shown(value)}`);
  }
  const what = access.value === 'number' ? 'an integer from ' : '';
  const range = `${what}${least}${suffix} to ${most}${suffix}`;
  return new RangeError(`${access.path}: expected ${range}, got ${shown(value)}`);
}

/** Throws what badValue() says unless `value` can be stored. */
export function checkValue(access: Access, value: unknown): void {
  if (typeof value !== access.value) throw badValue(access, value);
  if (access.form === 'float' || access.form === 'bool') return;
  if (typeof value === 'number' && !Number.isInteger(value)) throw badValue(access, value);
  const [least, most] = limits(access);
  const whole = BigInt(value as number | bigint);
  if (whole < least || whole > most) throw badValue(access, value);
}
