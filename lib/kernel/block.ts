import { signed, unsigned, upperHalf } from '../ring/index.ts';
import {
  ARGUMENTS,
  CALL_NR,
  CALL_WORDS,
  CALLER_DATA,
  FILE_FLAGS,
  FILE_FLAGS_BYTES,
  FIRST_ARG,
  FRAME_IP,
  FRAME_SP,
  KEPT,
  PARAMS_BYTES,
  PARAMSLEN,
  PENDING,
  RESULT,
  RING,
  SLEPT,
  TASK,
} from './call-layout.ts';

/** `enum syslet_call_pending` (native/include/syslets/call.h): the kernel side has the call. */
const AWAY = 1;
const NOT_MADE = 2;
const LOOKED = 4;
const KEPT_SOCKET = KEPT + 2;
const DID_SLEEP = 2;

/** A value of a 64-bit register: a safe integer or a bigint. */
export type Register = number | bigint;

/**
 * A submission block, `struct syslet_call` (128 bytes, aligned to 8), by its words. Nothing is checked
 * here, and nothing is kept alive. All blocks of a context lie in one array, each by its id.
 */
export class Block {
  readonly id: number;
  readonly #words: Int32Array;
  readonly #at: number;

  constructor(words: Int32Array, id: number) {
    this.id = id;
    this.#words = words;
    this.#at = id * CALL_WORDS;
  }

  /** All of it is 0. */
  wipe(): this {
    this.#words.fill(0, this.#at, this.#at + CALL_WORDS);
    return this;
  }

  get nr(): number {
    return this.#words[this.#at + CALL_NR] as number;
  }

  /** Below 2^31. */
  set nr(nr: number) {
    this.#words[this.#at + CALL_NR] = nr;
  }

  /** Argument 0 to 5, an integer of 32 bits, signed. */
  setInt(index: number, value: number): void {
    const at = this.#at + FIRST_ARG + 2 * index;
    this.#words[at] = value;
    this.#words[at + 1] = value >> 31;
  }

  /** A safe integer. */
  setNumber(index: number, value: number): void {
    storeNumber(this.#words, this.#at + FIRST_ARG + 2 * index, value);
  }

  /** All 64 bits, by their halves. */
  setParts(index: number, low: number, high: number): void {
    const at = this.#at + FIRST_ARG + 2 * index;
    this.#words[at] = low;
    this.#words[at + 1] = high;
  }

  setBig(index: number, value: bigint): void {
    storeBig(this.#words, this.#at + FIRST_ARG + 2 * index, value);
  }

  setRegister(index: number, value: Register): void {
    store(this.#words, this.#at + FIRST_ARG + 2 * index, value);
  }

  setCallerData(value: Register): void {
    store(this.#words, this.#at + CALLER_DATA, value);
  }

  /** Its completion goes to the ring at this address. */
  setRing(address: bigint): void {
    storeBig(this.#words, this.#at + RING, address);
    this.setParamsLength();
  }

  /** It is a syslet call, and no indirect call with flags alone. */
  setParamsLength(): void {
    this.#words[this.#at + PARAMSLEN] = PARAMS_BYTES;
  }

  /** It is an indirect call with flags for a descriptor, and no syslet call. */
  setFileFlags(flags: number): void {
    this.#words[this.#at + FILE_FLAGS] = flags;
    this.#words[this.#at + PARAMSLEN] = FILE_FLAGS_BYTES;
  }

  /** Its original thread goes on at the address `ip`, with the stack that ends at `sp`. */
  setFrame(ip: bigint, sp: bigint): void {
    storeBig(this.#words, this.#at + FRAME_IP, ip);
    storeBig(this.#words, this.#at + FRAME_SP, sp);
  }

  /** Argument `index`, exact up to 2^53, unsigned. */
  argument(index: number): number {
    const at = this.#at + FIRST_ARG + 2 * index;
    return unsigned(this.#words[at] as number, this.#words[at + 1] as number);
  }

  /** Argument 0, for the predictor: a descriptor mostly. */
  get firstArgument(): number {
    return this.#words[this.#at + FIRST_ARG] as number;
  }

  /** Is argument `index` below zero, as 64 bits with a sign? */
  isNegative(index: number): boolean {
    return (this.#words[this.#at + FIRST_ARG + 2 * index + 1] as number) < 0;
  }

  /** Stores all 64 bits of argument `index` as two words. */
  copyArgument(index: number, to: Int32Array, toAt: number): void {
    const at = this.#at + FIRST_ARG + 2 * index;
    to[toAt] = this.#words[at] as number;
    to[toAt + 1] = this.#words[at + 1] as number;
  }

  /** Takes all arguments of another block of the context's. */
  copyArguments(from: Block): void {
    const start = from.#at + FIRST_ARG;
    this.#words.copyWithin(this.#at + FIRST_ARG, start, start + 2 * ARGUMENTS);
  }

  /** What it says of an earlier run is gone. */
  forgetRun(): void {
    this.#words[this.#at + PENDING] = 0;
  }

  /** Nobody has the result of the last run yet: it was handed over, was not made, or came back. */
  get pending(): boolean {
    return this.#words[this.#at + PENDING] !== 0;
  }

  /** The kernel side says of the last run that it was handed over. */
  get handedOver(): boolean {
    return this.#words[this.#at + PENDING] === AWAY;
  }

  /** It was not made, or came back: no thread could take JavaScript over meanwhile. */
  get cameBack(): boolean {
    return (this.#words[this.#at + PENDING] as number) > AWAY;
  }

  /** It has begun and came back: what it has kept goes on where it began, and on no other thread. */
  get goesOn(): boolean {
    return (this.#words[this.#at + PENDING] as number) > NOT_MADE;
  }

  /** It came back, and the limit of its socket (SO_RCVTIMEO, SO_SNDTIMEO) runs since it began. */
  get hasSocketLimit(): boolean {
    const at = this.#at + KEPT_SOCKET;
    return this.goesOn && (this.#words[at] !== 0 || this.#words[at + 1] !== 0);
  }

  /** It came back at once, since it would wait: it may be looked at again at any time. */
  get looked(): boolean {
    return this.#words[this.#at + PENDING] === LOOKED;
  }

  /** Bytes that it had moved when it came back: those after them are moved when it goes on. */
  get moved(): number {
    return this.cameBack ? this.result : 0;
  }

  /** Stores the result of a completion where that of a call that ended at once is. */
  setResult(low: number, high: number): void {
    this.#words[this.#at + RESULT] = low;
    this.#words[this.#at + RESULT + 1] = high;
  }

  /** Exact up to 2^53. */
  get result(): number {
    const at = this.#at + RESULT;
    return signed(this.#words[at] as number, this.#words[at + 1] as number);
  }

  /** All 64 bits of the result, once the call is over. */
  get wide(): bigint {
    const at = this.#at + RESULT;
    const low = BigInt((this.#words[at] as number) >>> 0);
    return (BigInt(this.#words[at + 1] as number) << 32n) | low;
  }

  /** Which task runs the call that was handed over. */
  get task(): number {
    return (this.#words[this.#at + TASK] as number) >>> 0;
  }

  /** Did the call that was dispatched, and observed, sleep? undefined until it is over. */
  get slept(): boolean | undefined {
    const told = Atomics.load(this.#words, this.#at + SLEPT);
    return told === 0 ? undefined : told === DID_SLEEP;
  }
}

function store(words: Int32Array, at: number, value: Register): void {
  if (typeof value === 'number') storeNumber(words, at, value);
  else storeBig(words, at, value);
}

function storeNumber(words: Int32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = upperHalf(value);
}

function storeBig(words: Int32Array, at: number, value: bigint): void {
  words[at] = Number(BigInt.asIntN(32, value));
  words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
}
