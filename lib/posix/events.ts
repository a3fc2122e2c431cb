import { layout, view } from '../abi/index.ts';
import { checkInteger } from '../check.ts';
import { hostTarget } from '../host-target.ts';
import type { Bytes } from '../loop/index.ts';
import { freshBytes } from './memory.ts';
import { epoll_event, inotify_event, pollfd } from './structs.ts';

const EPOLL_BYTES = layout(epoll_event, hostTarget).size;
const EPOLL_DATA = EPOLL_BYTES - 8;
const POLLFD_BYTES = layout(pollfd, hostTarget).size;
const INOTIFY_BYTES = layout(inotify_event, hostTarget).size;
const MOST_EVENTS = 1 << 20;

/** Memory for `count` struct epoll_event, which epoll_wait fills in. */
export function epollEvents(count: number): Uint8Array<SharedArrayBuffer> {
  checkInteger('count', count, 1, MOST_EVENTS);
  return freshBytes(count * EPOLL_BYTES);
}

/** Events that epoll_wait has stored: valid until its memory is used again. */
export class EpollEvents {
  readonly length: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, length: number) {
    this.length = length;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** EPOLLIN and its like. */
  events(index: number): number {
    return this.#view.getUint32(this.#at(index), true);
  }

  /** What epoll_ctl was given, all 64 bits. */
  data(index: number): bigint {
    return this.#view.getBigUint64(this.#at(index) + EPOLL_DATA, true);
  }

  /** The data as a descriptor. */
  fd(index: number): number {
    return this.#view.getInt32(this.#at(index) + EPOLL_DATA, true);
  }

  #at(index: number): number {
    return checkInteger('index', index, 0, this.length - 1) * EPOLL_BYTES;
  }
}

/** A descriptor and what is waited for: POLLIN and its like. */
export interface PollFd {
  readonly fd: number;
  readonly events: number;
}

interface PollMemory {
  readonly bytes: Bytes;
  readonly length: number;
}

let memoryOf: (list: unknown) => PollMemory | undefined;

/** An array of struct pollfd in memory of its own: poll fills in `revents`. */
export class PollList {
  readonly #length: number;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #view: DataView;

  constructor(list: readonly PollFd[]) {
    this.#length = list.length;
    this.#bytes = freshBytes(Math.max(1, list.length) * POLLFD_BYTES);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    list.forEach(({ fd, events }, index) => {
      const one = view(pollfd, hostTarget, this.#bytes.buffer, this.#place(index));
      one.fd = fd;
      one.events = events;
    });
  }

  static {
    memoryOf = (list) => {
      const isList = typeof list === 'object' && list !== null && #bytes in list;
      return isList ? { bytes: list.#bytes, length: list.#length } : undefined;
    };
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): Uint8Array<SharedArrayBuffer> {
    return this.#bytes;
  }

  revents(index: number): number {
    return this.#view.getInt16(checkInteger('index', index, 0, this.#length - 1) * 8 + 6, true);
  }

  #place(index: number): number {
    return this.#bytes.byteOffset + index * POLLFD_BYTES;
  }
}

/** What the kernel gets of a list, whatever its properties say; undefined for what is none. */
export function pollMemory(list: unknown): PollMemory | undefined {
  return memoryOf(list);
}

/** One event of inotify, over the buffer. */
export interface InotifyEvent {
  readonly wd: number;
  readonly mask: number;
  readonly cookie: number;
  /** The name's bytes in the buffer; none for an event of what is watched itself. */
  readonly name: Uint8Array;
}

/** Events that inotify_read has stored: valid until its buffer is used again. */
export class InotifyEvents implements Iterable<InotifyEvent> {
  readonly byteLength: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, byteLength: number) {
    this.byteLength = byteLength;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  *[Symbol.iterator](): Generator<InotifyEvent> {
    for (let at = 0; at < this.byteLength; ) {
      const length = this.#view.getUint32(at + 12, true);
      const start = at + INOTIFY_BYTES;
      yield {
        wd: this.#view.getInt32(at, true),
        mask: this.#view.getUint32(at + 4, true),
        cookie: this.#view.getUint32(at + 8, true),
        name: withoutZeros(this.#bytes.subarray(start, start + length)),
      };
      at = start + length;
    }
  }
}

function withoutZeros(name: Uint8Array): Uint8Array {
  const end = name.indexOf(0);
  return end < 0 ? name : name.subarray(0, end);
}
