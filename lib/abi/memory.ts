/** The buffer behind a view, with one array of each element type over it. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
  /** Byte of the buffer at which the arrays begin. */
  readonly origin: number;
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i16: Int16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly u64: BigUint64Array;
  readonly i64: BigInt64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly dv: DataView;
}

/** Indexes are int32 in the generated code, so far-off views get arrays of their own. */
const nearBytes = 2 ** 30;
const known = new WeakMap<ArrayBufferLike, Memory>();

export const hostIsLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The arrays over `buffer`, and where byte `offset` lies in them. */
export function memoryAt(buffer: ArrayBufferLike, offset: number): [Memory, number] {
  if (offset >= nearBytes) {
    const origin = offset - (offset % 16);
    return [memory(buffer, origin), offset - origin];
  }
  const near = known.get(buffer) ?? memory(buffer, 0);
  known.set(buffer, near);
  return [near, offset];
}

function memory(buffer: ArrayBufferLike, origin: number): Memory {
  const bytes = Math.min(buffer.byteLength - origin, 2 ** 31);
  const count = (size: number) => Math.floor(bytes / size);
  return {
    buffer,
    origin,
    u8: new Uint8Array(buffer, origin, bytes),
    i8: new Int8Array(buffer, origin, bytes),
    u16: new Uint16Array(buffer, origin, count(2)),
    i16: new Int16Array(buffer, origin, count(2)),
    u32: new Uint32Array(buffer, origin, count(4)),
    i32: new Int32Array(buffer, origin, count(4)),
    u64: new BigUint64Array(buffer, origin, count(8)),
    i64: new BigInt64Array(buffer, origin, count(8)),
    f32: new Float32Array(buffer, origin, count(4)),
    f64: new Float64Array(buffer, origin, count(8)),
    dv: new DataView(buffer, origin, bytes),
  };
}
