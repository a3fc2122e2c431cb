import { isIP } from 'node:net';
import { checkInteger, expected } from '../check.ts';
import { addressOf, type Bytes } from '../loop/index.ts';
import type { Param } from './call-types.ts';
import { freshBytes } from './memory.ts';

/** sizeof(struct sockaddr_storage); behind it the length, so that the kernel can set both. */
const STORAGE_BYTES = 128;
const UNIX_PATH = 108;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/**
 * A socket address: struct sockaddr_storage and its length, in memory of its own. Calls that give
 * an address fill it in.
 */
export class SocketAddress {
  /** The 128 bytes, and four of the length. */
  readonly storage: Uint8Array<SharedArrayBuffer>;
  readonly #view: DataView<SharedArrayBuffer>;

  private constructor() {
    this.storage = freshBytes(STORAGE_BYTES + 4);
    this.#view = new DataView(this.storage.buffer, this.storage.byteOffset, STORAGE_BYTES + 4);
    this.length = STORAGE_BYTES;
  }

  /** Room for any address. */
  static empty(): SocketAddress {
    return new SocketAddress();
  }

  /** An internet address, IPv4 or IPv6: no names. */
  static ip(host: string, port: number): SocketAddress {
    const version = isIP(host);
    if (version === 0) {
      throw new TypeError(expected('host', host, "an IP address such as '127.0.0.1' or '::1'"));
    }
    checkInteger('port', port, 0, 65_535);
    const made = new SocketAddress();
    made.#view.setUint16(2, port);
    if (version === 4) made.#setIPv4(host);
    else made.#setIPv6(host);
    return made;
  }

  /** The address of a Unix socket; one that begins with NUL is in the abstract name space. */
  static unix(path: string): SocketAddress {
    const bytes = Buffer.from(path);
    if (bytes.length >= UNIX_PATH) {
      throw new RangeError(
        `path has ${bytes.length} bytes, a Unix socket's has ${UNIX_PATH - 1} at most`,
      );
    }
    const made = new SocketAddress();
    made.#view.setUint16(0, AF_UNIX, true);
    made.storage.set(bytes, 2);
    made.length = 2 + bytes.length + (path.startsWith('\0') ? 0 : 1);
    return made;
  }

  #setIPv4(host: string): void {
    this.#view.setUint16(0, AF_INET, true);
    host.split('.').forEach((part, i) => {
      this.storage[4 + i] = Number(part);
    });
    this.length = 16;
  }

  #setIPv6(host: string): void {
    this.#view.setUint16(0, AF_INET6, true);
    const words = new URL(`http://[${host.split('%')[0]}]`).hostname.slice(1, -1);
    const [head = '', tail] = words.split('::');
    const before = head === '' ? [] : head.split(':');
    const after = tail === undefined || tail === '' ? [] : tail.split(':');
    const all = [...before, ...new Array(8 - before.length - after.length).fill('0'), ...after];
    all.forEach((word, i) => {
      this.#view.setUint16(8 + 2 * i, Number.parseInt(word, 16));
    });
    this.length = 28;
  }

  /** Bytes that count; after a call what the kernel says, which may be more than there is room for. */
  get length(): number {
    return this.#view.getInt32(STORAGE_BYTES, true);
  }

  set length(length: number) {
    this.#view.setInt32(STORAGE_BYTES, length, true);
  }

  /** Ready to be filled in once more. */
  reset(): this {
    this.length = STORAGE_BYTES;
    return this;
  }

  get family(): number {
    return this.#view.getUint16(0, true);
  }

  /** Port of an internet address. */
  get port(): number {
    return this.#view.getUint16(2);
  }

  /** IP address or path as text; empty for one without a name. */
  get text(): string {
    if (this.family === AF_INET) return this.storage.subarray(4, 8).join('.');
    if (this.family === AF_INET6) return this.#ipv6();
    const end = Math.max(2, Math.min(this.length, 2 + UNIX_PATH));
    return Buffer.from(this.storage.subarray(2, end))
      .toString()
      .replace(/(?<=.)\0.*$/s, '');
  }

  #ipv6(): string {
    const words = Array.from({ length: 8 }, (_, i) => this.#view.getUint16(8 + 2 * i).toString(16));
    return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
  }
}

/** The address of a socket address and its length, as a value. */
export const toAddress: Param<[address: SocketAddress]> = {
  name: 'address',
  registers: 2,
  encoder: (at) => (slot, value: SocketAddress) => {
    if (!(value instanceof SocketAddress)) throw notAddress(value);
    slot.setView(at, value.storage, 'address');
    slot.setInt(at + 1, value.length);
  },
};

/** Likewise, or none. */
export const maybeToAddress: Param<[address?: SocketAddress | null]> = {
  ...toAddress,
  encoder: (at) => {
    const some = toAddress.encoder(at);
    return (slot, value: SocketAddress | null | undefined) => {
      if (value !== null && value !== undefined) return some(slot, value);
      slot.setInt(at, 0);
      slot.setInt(at + 1, 0);
    };
  },
};

/** Room for an address and its length, both set by the kernel; or none. */
export const fromAddress: Param<[address?: SocketAddress | null]> = {
  name: 'address',
  registers: 2,
  encoder: (at) => (slot, value: SocketAddress | null | undefined) => {
    if (value === null || value === undefined) {
      slot.setInt(at, 0);
      slot.setInt(at + 1, 0);
      return;
    }
    if (!(value instanceof SocketAddress)) throw notAddress(value);
    slot.setView(at, value.reset().storage, 'address');
    slot.setNumber(at + 1, addressOfLength(value.storage));
  },
};

function addressOfLength(storage: Bytes): number {
  return addressOf(storage, 'address') + STORAGE_BYTES;
}

function notAddress(value: unknown): TypeError {
  return new TypeError(expected('address', value, 'SocketAddress.ip(…), .unix(…) or .empty()'));
}
