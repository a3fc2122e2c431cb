import type { Descriptors } from './descriptor.ts';
import type { Request } from './request.ts';

/**
 * Who may not pass whom. Requests overlap, but for those whose order shows in the data:
 *
 * - reads of one descriptor that cannot seek, and writes to one: bytes of a stream have an order;
 * - writes to one descriptor in append mode: they append in the order of the calls (POSIX, 2.8.2);
 * - aio_fsync, which is about all that were queued for its file before.
 */
export class Order {
  /** The latest in flight of each descriptor and direction. */
  readonly #last = new Map<number, Request>();
  readonly #descriptors: Descriptors;

  constructor(descriptors: Descriptors) {
    this.#descriptors = descriptors;
  }

  /** Puts a request behind those that it must not pass; false if there are none. */
  mustWait(request: Request, inFlight: Iterable<Request>): boolean {
    if (request.operation?.kind === 'sync') return this.#behindAll(request, inFlight);
    const last = this.#last.get(keyOf(request));
    if (last === undefined || !this.#isOrdered(request, last)) return false;
    request.stream = last.stream || request.stream;
    link(last, request);
    return true;
  }

  /** It is in flight now, and the latest. */
  add(request: Request): void {
    request.file = this.#descriptors.fileOf(request.fd);
    if (request.operation?.kind !== 'sync') this.#last.set(keyOf(request), request);
  }

  /** It is over, or was cancelled while it waited: then the one that it waited for is the latest. */
  remove(request: Request): void {
    const key = keyOf(request);
    if (this.#last.get(key) !== request) return;
    const heir = request.before?.find((one) => one.inFlight && keyOf(one) === key);
    if (heir === undefined) this.#last.delete(key);
    else this.#last.set(key, heir);
  }

  #behindAll(request: Request, inFlight: Iterable<Request>): boolean {
    const file = this.#descriptors.fileOf(request.fd);
    if (file === undefined) return false;
    for (const other of inFlight) if (other.file === file) link(other, request);
    return request.ahead > 0;
  }

  /** The number of a descriptor that was closed meanwhile may be another file's. */
  #isOrdered(request: Request, last: Request): boolean {
    const { fd, operation } = request;
    const byteStream = last.stream || request.stream;
    if (!byteStream && (operation?.kind === 'read' || !this.#descriptors.appends(fd))) return false;
    return last.file === this.#descriptors.fileOf(fd);
  }
}

function keyOf({ fd, operation }: Request): number {
  return 2 * fd + (operation?.kind === 'write' ? 1 : 0);
}

export function link(before: Request, request: Request): void {
  before.behind ??= [];
  before.behind.push(request);
  request.before ??= [];
  request.before.push(before);
  request.ahead++;
}
