import { type Access, accessOf } from '../abi/access.ts';
import type { Type } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';

/** Arrays over one buffer, by the letters that value sources use. */
export interface Arrays {
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly i64: BigInt64Array;
  readonly u64: BigUint64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}

export function arraysOver(buffer: SharedArrayBuffer): Arrays {
  return {
    i8: new Int8Array(buffer),
    u8: new Uint8Array(buffer),
    i16: new Int16Array(buffer),
    u16: new Uint16Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    i64: new BigInt64Array(buffer),
    u64: new BigUint64Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
  };
}

/** How a value is stored: which array, and the expressions that check and convert it. */
export interface ValueSource {
  readonly array: keyof Arrays;
  /** Bytes to elements: `bytes >> shift`. */
  readonly shift: number;
  /** What it is in JavaScript; a bigint may be stored as a number of 4 bytes. */
  readonly value: Access['value'];
  /** True where `v` cannot be stored. */
  readonly unfit: string;
  readonly toRaw: (value: string) => string;
  readonly fromRaw: (raw: string) => string;
  /** What is expected of a value, for messages. */
  readonly expected: string;
}

/** The source for a type that is one value; undefined for arrays and records. */
export function valueSource(type: Type): ValueSource | undefined {
  const access = accessOf(type, hostTarget, { path: '', offset: 0 });
  if (!access || access.size > 8) return undefined;
  const { size } = access;
  const letter = access.form === 'float' ? 'f' : access.form === 'signed' ? 'i' : 'u';
  return {
    array: `${letter}${size * 8}` as keyof Arrays,
    shift: Math.log2(size),
    value: access.value,
    ...conversion(access),
  };
}

const same = (value: string) => value;

function conversion(access: Access) {
  const bits = access.size * 8;
  const expected = `${access.value} of ${bits} bits${access.form === 'signed' ? ', signed' : ''}`;
  if (access.value === 'boolean') {
    const unfit = `typeof v !== 'boolean'`;
    return { unfit, toRaw: (v: string) => `+${v}`, fromRaw: (x: string) => `${x} !== 0`, expected };
  }
  if (access.form === 'float') {
    return { unfit: `typeof v !== 'number'`, toRaw: same, fromRaw: same, expected };
  }
  if (access.value === 'number') {
    return { unfit: unfitNumber(access), toRaw: same, fromRaw: same, expected };
  }
  const cut = `BigInt.as${access.form === 'signed' ? 'Int' : 'Uint'}N(${bits}, v)`;
  const unfit = `typeof v !== 'bigint' || ${cut} !== v`;
  if (access.size === 8) return { unfit, toRaw: same, fromRaw: same, expected };
  const narrow = { toRaw: (v: string) => `Number(${v})`, fromRaw: (x: string) => `BigInt(${x})` };
  return { unfit, ...narrow, expected };
}

/** Bit operations also refuse what is no number: its conversion is another value. */
function unfitNumber({ size, form }: Access): string {
  if (size === 4) return form === 'signed' ? 'v !== (v | 0)' : 'v !== (v >>> 0)';
  const bits = size * 8;
  if (form === 'unsigned') return `v !== (v & ${2 ** bits - 1})`;
  return `v !== (v << ${32 - bits} >> ${32 - bits})`;
}
