/** The element types of typed arrays and of DataViews. */
export interface Element {
  readonly name: string;
  readonly size: number;
  /** `Int32Array`; undefined where only a DataView has it. */
  readonly array: string;
  /** The part of a DataView's method behind get and set. */
  readonly method: string;
  readonly isBig: boolean;
  readonly isInteger: boolean;
  /** Whether accesses of a typed array may tear: floats but float32, BigInts, clamped bytes. */
  readonly tears: boolean;
  /** The raw bytes of a value, converted as the language does, into `raw`. */
  put(value: unknown): void;
  get(lo: number, hi: number): number | bigint;
}

/** Raw bytes of the value that was put last. */
export const raw = { lo: 0, hi: 0 };
const scratch = new DataView(new ArrayBuffer(8));

function element(
  name: string,
  array: string,
  size: number,
  methods: { get: () => number | bigint; set: (value: unknown) => void },
): Element {
  const isBig = array.startsWith('Big');
  const isInteger = name[0] === 'i' || name[0] === 'u';
  return {
    name,
    array,
    size,
    method: array.replace('Array', ''),
    isBig,
    isInteger: isInteger && name !== 'u8c',
    tears: isBig || name === 'f64' || name === 'f16' || name === 'u8c',
    put(value) {
      scratch.setInt32(0, 0, true);
      scratch.setInt32(4, 0, true);
      methods.set(value);
      raw.lo = scratch.getInt32(0, true);
      raw.hi = scratch.getInt32(4, true);
    },
    get(lo, hi) {
      scratch.setInt32(0, lo, true);
      scratch.setInt32(4, hi, true);
      return methods.get();
    },
  };
}

const number = (value: unknown) => Number(value);
const clamped = new Uint8ClampedArray(1);

export const elements: readonly Element[] = [
  element('i8', 'Int8Array', 1, {
    get: () => scratch.getInt8(0),
    set: (value) => scratch.setInt8(0, number(value)),
  }),
  element('u8', 'Uint8Array', 1, {
    get: () => scratch.getUint8(0),
    set: (value) => scratch.setUint8(0, number(value)),
  }),
  element('u8c', 'Uint8ClampedArray', 1, {
    get: () => scratch.getUint8(0),
    set(value) {
      clamped[0] = number(value);
      scratch.setUint8(0, clamped[0] as number);
    },
  }),
  element('i16', 'Int16Array', 2, {
    get: () => scratch.getInt16(0, true),
    set: (value) => scratch.setInt16(0, number(value), true),
  }),
  element('u16', 'Uint16Array', 2, {
    get: () => scratch.getUint16(0, true),
    set: (value) => scratch.setUint16(0, number(value), true),
  }),
  element('i32', 'Int32Array', 4, {
    get: () => scratch.getInt32(0, true),
    set: (value) => scratch.setInt32(0, number(value), true),
  }),
  element('u32', 'Uint32Array', 4, {
    get: () => scratch.getUint32(0, true),
    set: (value) => scratch.setUint32(0, number(value), true),
  }),
  element('i64', 'BigInt64Array', 8, {
    get: () => scratch.getBigInt64(0, true),
    set: (value) => scratch.setBigInt64(0, value as bigint, true),
  }),
  element('u64', 'BigUint64Array', 8, {
    get: () => scratch.getBigUint64(0, true),
    set: (value) => scratch.setBigUint64(0, value as bigint, true),
  }),
  element('f32', 'Float32Array', 4, {
    get: () => scratch.getFloat32(0, true),
    set: (value) => scratch.setFloat32(0, number(value), true),
  }),
  element('f64', 'Float64Array', 8, {
    get: () => scratch.getFloat64(0, true),
    set: (value) => scratch.setFloat64(0, number(value), true),
  }),
];

/** The element types by the names that accesses carry, such as `i32`. */
export const elementByName: ReadonlyMap<string, Element> = new Map(
  elements.map((one) => [one.name, one]),
);
