import { isIP } from 'node:net';
import { types } from 'node:util';
import { checkInteger, expected } from '../check.ts';
import { constants } from '../kernel/index.ts';
import { addressOf, type Bytes } from '../loop/index.ts';
import type { Param } from './call-types.ts';
import { interfaceIndex, interfaceName } from './interfaces.ts';
import { freshBytes } from './memory.ts';

/** sizeof(struct sockaddr_storage); behind it the length, so that the kernel can set both. */
const STORAGE_BYTES = 128;
const UNIX_PATH = 108;
/** Offset of sun_path, behind the family. */
const UNIX_NAME = 2;
/** sizeof(struct sockaddr_in6), and the offset of sin6_scope_id. */
const INET6_BYTES = 28;
const SCOPE = 24;
const INT_MAX = 0x7fff_ffff;
const { AF_UNIX, AF_INET, AF_INET6 } = constants;

let memoryOf: (address: unknown) => Bytes | undefined;

/**
 * A socket address: struct sockaddr_storage and its length, in memory of its own. Calls that give
 * an address fill it in.
 */
export class SocketAddress {
  readonly #storage = freshBytes(STORAGE_BYTES + 4);
  readonly #view: DataView<SharedArrayBuffer>;

  private constructor() {
    const { buffer, byteOffset } = this.#storage;
    this.#view = new DataView(buffer, byteOffset, STORAGE_BYTES + 4);
    this.length = STORAGE_BYTES;
  }

  static {
    memoryOf = (address) => {
      const isAddress = typeof address === 'object' && address !== null && #storage in address;
      return isAddress ? address.#storage : undefined;
    };
  }

  /** The 128 bytes, and four of the length. */
  get storage(): Uint8Array<SharedArrayBuffer> {
    return this.#storage;
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

  /**
   * The address of a Unix socket. One that begins with NUL is in the abstract name space, where NUL is
   * a byte like others; an empty one has no name, and bind chooses an abstract one.
   */
  static unix(path: string | Uint8Array): SocketAddress {
    const bytes = checkUnixPath(path);
    const isPath = bytes.length > 0 && bytes[0] !== 0;
    const made = new SocketAddress();
    made.#view.setUint16(0, AF_UNIX, true);
    made.#storage.set(bytes, UNIX_NAME);
    made.length = UNIX_NAME + bytes.length + (isPath ? 1 : 0);
    return made;
  }

  #setIPv4(host: string): void {
    this.#view.setUint16(0, AF_INET, true);
    host.split('.').forEach((part, i) => {
      this.#storage[4 + i] = Number(part);
    });
    this.length = 16;
  }

  #setIPv6(host: string): void {
    this.#view.setUint16(0, AF_INET6, true);
    const [address, scope] = host.split('%');
    if (scope !== undefined) this.#view.setUint32(SCOPE, interfaceIndex(scope), true);
    const words = new URL(`http://[${address}]`).hostname.slice(1, -1);
    const [head = '', tail] = words.split('::');
    const before = head === '' ? [] : head.split(':');
    const after = tail === undefined || tail === '' ? [] : tail.split(':');
    const all = [...before, ...new Array(8 - before.length - after.length).fill('0'), ...after];
    all.forEach((word, i) => {
      this.#view.setUint16(8 + 2 * i, Number.parseInt(word, 16));
    });
    this.length = INET6_BYTES;
  }

  /** Bytes that count; after a call what the kernel says, which may be more than there is room for. */
  get length(): number {
    return this.#view.getInt32(STORAGE_BYTES, true);
  }

  set length(length: number) {
    checkInteger('length', length, 0, INT_MAX);
    this.#view.setInt32(STORAGE_BYTES, length, true);
  }

  /** Ready to be filled in once more. */
  reset(): this {
    this.length = STORAGE_BYTES;
    return this;
  }

  /** 0, AF_UNSPEC, where there is no address: a peer without a name, a stream's. */
  get family(): number {
    return this.length < UNIX_NAME ? 0 : this.#view.getUint16(0, true);
  }

  /** Port of an internet address; else 0. */
  get port(): number {
    return this.family === AF_INET || this.family === AF_INET6 ? this.#view.getUint16(2) : 0;
  }

  /** Index of the network interface that a link-local IPv6 address belongs to; else 0. */
  get scopeId(): number {
    return this.family === AF_INET6 && this.length >= INET6_BYTES
      ? this.#view.getUint32(SCOPE, true)
      : 0;
  }

  /**
   * IP address or path as text; empty for one without a name, and for families other than these.
   * A scope is shown as in Node and in getnameinfo: by the interface's name where the address is
   * link-local, else by its number.
   */
  get text(): string {
    if (this.family === AF_INET) return this.#storage.subarray(4, 8).join('.');
    if (this.family === AF_INET6) return this.#ipv6() + this.#scope();
    return Buffer.from(this.path).toString();
  }

  /** Bytes of a Unix socket's path, or of its abstract name with the NUL before it; else none. */
  get path(): Uint8Array {
    const end = this.family === AF_UNIX ? Math.min(this.length, UNIX_NAME + UNIX_PATH) : UNIX_NAME;
    const name = this.#storage.slice(UNIX_NAME, Math.max(end, UNIX_NAME));
    const nul = name.indexOf(0);
    return nul > 0 ? name.subarray(0, nul) : name;
  }

  /** As inet_ntop has it: the last 32 bits of an IPv4 address that is mapped are shown as one. */
  #ipv6(): string {
    const words = Array.from({ length: 8 }, (_, i) => this.#view.getUint16(8 + 2 * i));
    const [first, mark = 0, high = 0] = [words.slice(0, 5), ...words.slice(5)];
    const holdsIPv4 = mark === 0xffff || (mark === 0 && high !== 0);
    if (first.some((word) => word !== 0) || !holdsIPv4) return compressed(words);
    return `::${mark === 0 ? '' : 'ffff:'}${this.#storage.subarray(20, 24).join('.')}`;
  }

  #scope(): string {
    const { scopeId } = this;
    if (scopeId === 0) return '';
    const first = this.#view.getUint16(8);
    const isLinkLocal = (first & 0xffc0) === 0xfe80 || (first & 0xff0f) === 0xff02;
    return `%${(isLinkLocal ? interfaceName(scopeId) : undefined) ?? scopeId}`;
  }
}

function compressed(words: readonly number[]): string {
  const text = words.map((word) => word.toString(16)).join(':');
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function checkUnixPath(path: string | Uint8Array): Uint8Array {
  if (typeof path !== 'string' && !types.isUint8Array(path)) {
    throw new TypeError(expected('path', path, 'a string, a Buffer or a Uint8Array'));
  }
  const bytes = Buffer.from(path as string);
  if (bytes.length >= UNIX_PATH) {
    throw new RangeError(
      `path has ${bytes.length} bytes, a Unix socket's has ${UNIX_PATH - 1} at most`,
    );
  }
  if (bytes.indexOf(0) <= 0) return bytes;
  throw new TypeError(
    expected('path', path, 'a path without NUL, or one that begins with it (an abstract name)'),
  );
}

/** The address of a socket address and its length, as a value. */
export const toAddress: Param<[address: SocketAddress]> = {
  name: 'address',
  registers: 2,
  encoder: (at) => (slot, value: SocketAddress) => {
    slot.setView(at, storageOf(value), 'address');
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
    const storage = storageOf(value);
    value.reset();
    slot.setView(at, storage, 'address');
    slot.setNumber(at + 1, addressOf(storage, 'address') + STORAGE_BYTES);
  },
};

/** What the kernel gets of an address, whatever its properties say; throws for what is none. */
export function storageOf(address: unknown, name = 'address'): Bytes {
  const storage = memoryOf(address);
  if (storage) return storage;
  throw new TypeError(expected(name, address, 'SocketAddress.ip(…), .unix(…) or .empty()'));
}
