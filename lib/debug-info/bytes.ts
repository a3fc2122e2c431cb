/** Reads numbers in a file's byte order, one behind the other. Past the end is a RangeError. */
export class ByteCursor {
  at = 0;
  readonly bytes: Buffer;
  readonly #view: DataView;
  readonly #isLittle: boolean;

  constructor(bytes: Buffer, isLittle: boolean) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isLittle = isLittle;
  }

  skip(size: number): void {
    this.at += size;
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }

  u16(): number {
    const value = this.#view.getUint16(this.at, this.#isLittle);
    this.at += 2;
    return value;
  }

  u24(): number {
    const [a, b, c] = [this.u8(), this.u8(), this.u8()];
    return this.#isLittle ? a | (b << 8) | (c << 16) : (a << 16) | (b << 8) | c;
  }

  u32(): number {
    const value = this.#view.getUint32(this.at, this.#isLittle);
    this.at += 4;
    return value;
  }

  big64(): bigint {
    const value = this.#view.getBigUint64(this.at, this.#isLittle);
    this.at += 8;
    return value;
  }

  /** An unsigned number of so many bytes. */
  big(size: number): bigint {
    const bytes = [...this.bytes.subarray(this.at, this.at + size)];
    if (bytes.length < size) throw new RangeError('a number past the end');
    this.at += size;
    const high = this.#isLittle ? bytes.reverse() : bytes;
    return high.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  /** 8 bytes: an offset or a length, which no file has beyond 2 ** 53. */
  u64(): number {
    return Number(this.big64());
  }

  /** An unsigned LEB128: seven bits in each byte, the lowest first. */
  uleb(): number {
    let byte = this.u8();
    let value = byte & 0x7f;
    for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
      requireShort(scale);
      byte = this.u8();
      value += (byte & 0x7f) * scale;
    }
    return value;
  }

  /** The same with all of its bits, signed or not. */
  bigLeb(isSigned: boolean): bigint {
    let value = 0n;
    let bits = 0;
    for (let byte = 0x80; byte >= 0x80; bits += 7) {
      requireShort(2 ** bits);
      byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(bits);
    }
    return isSigned ? BigInt.asIntN(bits, value) : value;
  }

  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** Up to a NUL, which is read too. */
  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw new RangeError('a text without an end');
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return text;
  }

  skipText(): void {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw new RangeError('a text without an end');
    this.at = end + 1;
  }
}

/** Of 128 bits, which is more than any number of a file has. */
function requireShort(scale: number): void {
  if (scale >= 2 ** 128) throw new RangeError('a LEB128 of more than 128 bits');
}
