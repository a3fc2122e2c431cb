import { byteLengthOf, isShared } from '../abi/buffer.ts';
import { type Target, type ViewOf, view } from '../abi/index.ts';
import { checkI64, checkInteger, expected } from '../check.ts';
import { hostTarget } from '../host-target.ts';
import { upperHalf } from '../ring/index.ts';
import { SIGEV_NONE } from './constants.ts';
import { RequestMemory } from './memory.ts';
import { Request } from './request.ts';
import { noticeOf, type Sigevent, sigeventOf } from './sigevent.ts';
import { aiocb } from './types.ts';
import {
  AIOCB_ALIGN,
  AIOCB_BYTES,
  AIOCB_WORDS,
  FILDES,
  LIO_OPCODE,
  NBYTES,
  OFFSET,
  REQPRIO,
  SIGEV_NOTIFY,
  SIGEV_SIGNO,
  SIGEV_VALUE,
} from './words.ts';

/** The members of a struct aiocb. Those that are left out are zero; SIGEV_NONE is the default. */
export interface AiocbOptions {
  readonly aio_fildes: number;
  /** What is read into or written from. It stays alive and in its place while in flight. */
  readonly aio_buf?: ArrayBufferView;
  /** Default: all of aio_buf. */
  readonly aio_nbytes?: number;
  readonly aio_offset?: number | bigint;
  readonly aio_reqprio?: number;
  /** For lio_listio: LIO_READ, LIO_WRITE or LIO_NOP. */
  readonly aio_lio_opcode?: number;
  readonly aio_sigevent?: Sigevent;
  /** Where the struct lies, 168 bytes, aligned to 8; default: in memory of its own. */
  readonly memory?: { readonly buffer: SharedArrayBuffer; readonly byteOffset?: number };
}

const INT_MIN = -0x8000_0000;
const INT_MAX = 0x7fff_ffff;

/** The request of a control block, for the functions of this folder. Throws if it is none. */
export let requestOf: (cb: Aiocb) => Request;

/**
 * A `struct aiocb` of <aio.h>, byte for byte, over a SharedArrayBuffer: 168 bytes. Its members may
 * be changed while it is not in flight, and it can be used again once it is over.
 *
 * The request's state is where glibc has it, in `__error_code` and `__return_value`: who shares the
 * memory can read them, the error code first and atomically.
 */
export class Aiocb {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly #request: Request;
  #struct: ViewOf<typeof aiocb, Target> | undefined;

  constructor(options: AiocbOptions) {
    const { buffer, byteOffset = 0 } = options.memory ?? { buffer: newMemory() };
    checkPlace(buffer, byteOffset);
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.#request = new Request(new Int32Array(buffer, byteOffset, AIOCB_WORDS).fill(0));
    this.#request.words[SIGEV_NOTIFY] = SIGEV_NONE;
    this.#fill(options);
  }

  #fill(options: AiocbOptions): void {
    this.aio_fildes = options.aio_fildes;
    if (options.aio_buf !== undefined) this.aio_buf = options.aio_buf;
    if (options.aio_nbytes !== undefined) this.aio_nbytes = options.aio_nbytes;
    if (options.aio_offset !== undefined) this.aio_offset = options.aio_offset;
    if (options.aio_reqprio !== undefined) this.aio_reqprio = options.aio_reqprio;
    if (options.aio_lio_opcode !== undefined) this.aio_lio_opcode = options.aio_lio_opcode;
    if (options.aio_sigevent !== undefined) this.aio_sigevent = options.aio_sigevent;
  }

  /** The struct as its bytes are, glibc's own members included. For reading; and for raw values. */
  get struct(): ViewOf<typeof aiocb, Target> {
    this.#struct ??= view(aiocb, hostTarget as Target, this.buffer, this.byteOffset);
    return this.#struct;
  }

  get aio_fildes(): number {
    return this.#request.words[FILDES] as number;
  }

  set aio_fildes(fd: number) {
    this.#idle()[FILDES] = checkInteger('aio_fildes', fd, INT_MIN, INT_MAX);
  }

  /** undefined where an address was stored through `struct`. */
  get aio_buf(): ArrayBufferView | undefined {
    return this.#request.memoryInUse()?.view;
  }

  /** Stores the address, and the length in aio_nbytes. */
  set aio_buf(view: ArrayBufferView) {
    const words = this.#idle();
    const memory = new RequestMemory(view);
    memory.store(words);
    this.#request.memory = memory;
    this.aio_nbytes = byteLengthOf(view);
  }

  get aio_nbytes(): number {
    return this.#number(NBYTES);
  }

  set aio_nbytes(nbytes: number) {
    checkInteger('aio_nbytes', nbytes, 0, Number.MAX_SAFE_INTEGER);
    this.#store(NBYTES, nbytes | 0, upperHalf(nbytes));
  }

  /** Exact up to 2^53: `struct.aio_offset` has all 64 bits. */
  get aio_offset(): number {
    return this.#number(OFFSET);
  }

  set aio_offset(offset: number | bigint) {
    if (typeof offset === 'bigint') {
      checkI64('aio_offset', offset);
      this.#store(OFFSET, Number(BigInt.asIntN(32, offset)), Number(offset >> 32n));
      return;
    }
    checkInteger('aio_offset', offset, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    this.#store(OFFSET, offset | 0, upperHalf(offset));
  }

  get aio_reqprio(): number {
    return this.#request.words[REQPRIO] as number;
  }

  set aio_reqprio(priority: number) {
    this.#idle()[REQPRIO] = checkInteger('aio_reqprio', priority, INT_MIN, INT_MAX);
  }

  get aio_lio_opcode(): number {
    return this.#request.words[LIO_OPCODE] as number;
  }

  set aio_lio_opcode(opcode: number) {
    this.#idle()[LIO_OPCODE] = checkInteger('aio_lio_opcode', opcode, INT_MIN, INT_MAX);
  }

  get aio_sigevent(): Sigevent {
    return sigeventOf(this.#request.notice());
  }

  set aio_sigevent(event: Sigevent) {
    const words = this.#idle();
    const { notify, signo, low, high, callback } = noticeOf('aiocb', 'aio_sigevent', event);
    words[SIGEV_NOTIFY] = notify;
    words[SIGEV_SIGNO] = signo;
    words[SIGEV_VALUE] = low;
    words[SIGEV_VALUE + 1] = high;
    this.#request.callback = callback;
  }

  #store(at: number, low: number, high: number): void {
    const words = this.#idle();
    words[at] = low;
    words[at + 1] = high;
  }

  #number(at: number): number {
    const { words } = this.#request;
    return (words[at + 1] as number) * 2 ** 32 + ((words[at] as number) >>> 0);
  }

  /** The words, to be changed. */
  #idle(): Int32Array {
    this.#request.checkFree('aiocb');
    return this.#request.words;
  }

  static {
    requestOf = (cb) => {
      if (typeof cb === 'object' && cb !== null && #request in cb) return cb.#request;
      throw new TypeError(expected('aiocbp', cb, 'an Aiocb'));
    };
  }
}

function newMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(AIOCB_BYTES);
}

function checkPlace(buffer: unknown, byteOffset: number): void {
  if (!isShared(buffer)) {
    throw new TypeError(expected('memory.buffer', buffer, 'a SharedArrayBuffer'));
  }
  checkInteger('memory.byteOffset', byteOffset, 0, Number.MAX_SAFE_INTEGER);
  if (byteOffset % AIOCB_ALIGN !== 0 || byteOffset + AIOCB_BYTES > buffer.byteLength) {
    const what = `a multiple of ${AIOCB_ALIGN} with ${AIOCB_BYTES} bytes behind it (of ${buffer.byteLength})`;
    throw new RangeError(expected('memory.byteOffset', byteOffset, what));
  }
}
