import {
  ARGUMENTS,
  CALL_NR,
  CALL_WORDS,
  FIRST_ARG,
  KEPT,
  PENDING,
  RESULT,
} from '../kernel/call-layout.ts';
import type { SysletCall } from '../kernel/index.ts';
import { addressOf, type Bytes, isDetached } from './addresses.ts';
import type { Line } from './descriptor.ts';
import type { Hint } from './hint.ts';
import type { Rest } from './parts.ts';
import type { Site } from './site.ts';
import { type MemoryChunk, SLOT_BYTES } from './slot-memory.ts';
import type { StallTurn } from './stall-turn.ts';

/** Who is told when a call that did not end at once is over. */
export interface Owner {
  /** `result`: exact up to 2^53; slot.wide has all of it. The slot is given back afterwards. */
  complete(slot: Slot, result: number): void;
}

/** A path as the program gave it. */
export type Path = string | Uint8Array;

/** What a slot's call is waiting for; `next`: it is not made yet, or ended at once. */
export type SlotState = 'free' | 'next' | 'taken' | 'queued' | 'inFlight' | 'waiting';

const TWO_32 = 0x1_0000_0000;
/** The kernel side has the call (native/include/syslets/call.h). */
const AWAY = 1;
const NOT_MADE = 2;
const LOOKED = 4;
const KEPT_SOCKET = KEPT + 2;
const RESULT_LOW = RESULT;
const RESULT_HIGH = RESULT + 1;

/**
 * A submission block with memory for what its arguments point to (SLOT_BYTES, shared, never
 * moved), and the record of its call in flight. Its id is the caller_data of its completion.
 */
export class Slot {
  readonly id: number;
  /** The block; run it through the loop, not by itself. */
  readonly call: SysletCall;
  readonly memory: MemoryChunk;
  /** Offset of this slot's part of memory.bytes. */
  readonly start: number;
  /** Bytes of it that arguments of this call have used. */
  used = 0;
  state: SlotState = 'free';
  /** Somebody has taken it for good: it is not given back when its call is over. */
  kept = false;
  owner: Owner | undefined;
  /** Memory of the program's that the call uses: kept alive and in place while it is in flight. */
  pins: Bytes[] | undefined;
  pin: Bytes | undefined;
  /** Paths of the call, for its error. */
  path: Path | undefined;
  secondPath: Path | undefined;
  /** An argument that the call's result is stored into, beside memory. */
  given: object | undefined;
  /** Bytes of the list of buffers that it was given. */
  listBytes = 0;
  /** Where a call's result is stored that is more than a number: bytes from an offset. */
  into: Uint8Array | undefined;
  intoAt = 0;
  /** Its memory is held since it waits, or has waited, for its descriptor. */
  isHeld = false;
  /** The loop was asked to interrupt it. */
  interrupted = false;
  /** EINTR leaves nothing of its call behind, so that it can be made again later. */
  repeats = false;
  /** It has held JavaScript for a moment, since no thread could be had (stall.ts). */
  hadMoment = false;
  /** Of its call in a queue that stands still: it has had one of the tasks that are kept. */
  turn: StallTurn | undefined;
  /** Of a write or a send that goes in parts, once it has not ended at its first try. */
  rest: Rest | undefined;
  /** Of its call that came back when it had begun: the files that its descriptors named then. */
  files: string | undefined;
  /** Its call waits for others to do something, so that it need not be tried when many do. */
  waits = true;
  /** Does not keep the process alive. */
  unref = false;
  site: Site | undefined;
  /** Its dispatch is observed for this site. */
  observed: Site | undefined;
  /** Its non-blocking variant, tried first when it is expected to block. */
  hint: Hint | undefined;
  nextFree: Slot | undefined;
  /** Where it waits, between which others; or of what it holds up those that wait. */
  line: Line | undefined;
  before: Slot | undefined;
  behind: Slot | undefined;
  readonly #words: Int32Array;
  readonly #at: number;

  constructor(id: number, call: SysletCall, blocks: Int32Array, memory: MemoryChunk) {
    this.id = id;
    this.call = call.setCallerData(id);
    this.memory = memory;
    this.start = memory.next();
    this.#words = blocks;
    this.#at = call.slot * CALL_WORDS;
  }

  get nr(): number {
    return this.#words[this.#at + CALL_NR] as number;
  }

  set nr(nr: number) {
    this.#words[this.#at + CALL_NR] = nr;
  }

  /** Begins a new call: number nr of Linux, memory unused. Arguments are what they were. */
  begin(nr: number): this {
    this.#words[this.#at + CALL_NR] = nr;
    this.#words[this.#at + PENDING] = 0;
    this.used = 0;
    this.pin = undefined;
    this.pins = undefined;
    this.path = undefined;
    this.secondPath = undefined;
    return this;
  }

  /** Its call is in flight, waits for its descriptor, or is in the queue. */
  get busy(): boolean {
    return this.isAway || this.state === 'queued';
  }

  /** Its call has begun to be in flight, or to wait for its descriptor. */
  get isAway(): boolean {
    return this.state === 'inFlight' || this.state === 'waiting';
  }

  /** Argument 0 to 5, an integer of 32 bits, signed. */
  setInt(index: number, value: number): void {
    const at = this.#at + FIRST_ARG + 2 * index;
    this.#words[at] = value;
    this.#words[at + 1] = value >> 31;
  }

  /** A safe integer. */
  setNumber(index: number, value: number): void {
    const at = this.#at + FIRST_ARG + 2 * index;
    this.#words[at] = value;
    this.#words[at + 1] = (value | 0) === value ? value >> 31 : Math.floor(value / TWO_32);
  }

  /** All 64 bits, by their halves. */
  setParts(index: number, low: number, high: number): void {
    const at = this.#at + FIRST_ARG + 2 * index;
    this.#words[at] = low;
    this.#words[at + 1] = high;
  }

  setBig(index: number, value: bigint): void {
    const at = this.#at + FIRST_ARG + 2 * index;
    this.#words[at] = Number(BigInt.asIntN(32, value));
    this.#words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }

  /** The address of a view, which stays alive and in place while the call is in flight. */
  setView(index: number, view: Bytes, name: string): void {
    this.setNumber(index, addressOf(view, name));
    this.keep(view);
  }

  keep(view: Bytes): void {
    if (this.pin === undefined) this.pin = view;
    else if (this.pins === undefined) this.pins = [view];
    else this.pins.push(view);
  }

  /** Offset in memory.bytes of `bytes` unused ones, aligned to 8; undefined if there is no room. */
  room(bytes: number): number | undefined {
    const at = this.used;
    const end = at + ((bytes + 7) & ~7);
    if (end > SLOT_BYTES) return undefined;
    this.used = end;
    return this.start + at;
  }

  /** Address of an offset in memory.bytes. */
  addressAt(offset: number): number {
    return this.memory.address + offset;
  }

  /** Argument `index`, exact up to 2^53, unsigned. */
  argument(index: number): number {
    const at = this.#at + FIRST_ARG + 2 * index;
    const high = (this.#words[at + 1] as number) >>> 0;
    return high * TWO_32 + ((this.#words[at] as number) >>> 0);
  }

  /** Stores all 64 bits of argument `index` as two words. */
  copyArgument(index: number, to: Int32Array, toAt: number): void {
    const at = this.#at + FIRST_ARG + 2 * index;
    to[toAt] = this.#words[at] as number;
    to[toAt + 1] = this.#words[at + 1] as number;
  }

  /** Is argument `index` below zero, as 64 bits with a sign? */
  isNegative(index: number): boolean {
    return (this.#words[this.#at + FIRST_ARG + 2 * index + 1] as number) < 0;
  }

  /** Memory of it was transferred: its address is somebody else's. */
  get lost(): boolean {
    return (
      (this.pin !== undefined && isDetached(this.pin)) || (this.pins?.some(isDetached) ?? false)
    );
  }

  /** Takes all arguments of another slot. */
  copyArguments(from: Slot): void {
    this.takeArguments(from.#at);
  }

  /** Takes all arguments of the block that begins at this word of the kernel's blocks. */
  takeArguments(block: number): void {
    const start = block + FIRST_ARG;
    this.#words.copyWithin(this.#at + FIRST_ARG, start, start + 2 * ARGUMENTS);
  }

  /** Argument 0, for the predictor: a descriptor mostly. */
  get firstArgument(): number {
    return this.#words[this.#at + FIRST_ARG] as number;
  }

  /** Its call is over, or is not made. */
  ended(): void {
    this.state = 'taken';
    this.files = undefined;
    this.hadMoment = false;
    this.#words[this.#at + PENDING] = 0;
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

  /** All 64 bits of the result, once the call is over. */
  get wide(): bigint {
    const low = BigInt((this.#words[this.#at + RESULT_LOW] as number) >>> 0);
    return (BigInt(this.#words[this.#at + RESULT_HIGH] as number) << 32n) | low;
  }

  /** Stores the result of a completion where that of a call that ended at once is. */
  setResult(low: number, high: number): void {
    this.#words[this.#at + RESULT_LOW] = low;
    this.#words[this.#at + RESULT_HIGH] = high;
  }

  get result(): number {
    const low = this.#words[this.#at + RESULT_LOW] as number;
    const high = this.#words[this.#at + RESULT_HIGH] as number;
    return high === low >> 31 ? low : high * TWO_32 + (low >>> 0);
  }

  /** Nothing of the last call is kept. */
  clear(): void {
    this.owner = undefined;
    this.pin = undefined;
    this.pins = undefined;
    this.path = undefined;
    this.secondPath = undefined;
    this.given = undefined;
    this.into = undefined;
    this.site = undefined;
    this.hint = undefined;
    this.interrupted = false;
    this.unref = false;
    this.waits = true;
    this.repeats = false;
    this.turn = undefined;
    this.rest = undefined;
  }
}
