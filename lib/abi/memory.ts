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
export const mostBytes = 2 ** 31;

interface Known {
  readonly memory: Memory;
  /** What the arrays cover; undefined where they follow their buffer's length. */
  readonly bytes: number | undefined;
}

const known = new WeakMap<ArrayBufferLike, Known>();

export const hostIsLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The arrays over `buffer`, and where byte `offset` lies in them. */
export function memoryAt(buffer: ArrayBufferLike, offset: number): [Memory, number] {
  if (offset >= nearBytes) {
    const origin = offset - (offset % 16);
    return [memory(buffer, origin, bytesFrom(buffer, origin)), offset - origin];
  }
  const near = known.get(buffer);
  const bytes = follows(buffer) ? undefined : bytesFrom(buffer, 0);
  if (near && near.bytes === bytes) return [near.memory, offset];
  const made = memory(buffer, 0, bytes);
  known.set(buffer, { memory: made, bytes });
  return [made, offset];
}

function bytesFrom(buffer: ArrayBufferLike, origin: number): number {
  return Math.min(buffer.byteLength - origin, mostBytes);
}

interface Resizable {
  readonly resizable?: boolean;
  readonly growable?: boolean;
  readonly maxByteLength?: number;
}

/** Whether arrays without a length of their own grow and shrink with the buffer. */
function follows(buffer: ArrayBufferLike): boolean {
  const { resizable, growable, maxByteLength = 0 } = buffer as Resizable;
  // V8 of Node 20 makes no such array of 8-byte elements over other lengths.
  const isWhole = buffer.byteLength % 8 === 0;
  return (resizable === true || growable === true) && isWhole && maxByteLength <= mostBytes;
}

function memory(buffer: ArrayBufferLike, origin: number, bytes: number | undefined): Memory {
  const count = (size: number) => (bytes === undefined ? undefined : Math.floor(bytes / size));
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
