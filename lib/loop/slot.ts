import { Block } from '../kernel/index.ts';
import { addressOf, type Bytes, isDetached } from './addresses.ts';
import type { Line } from './descriptor.ts';
import { type Hint, traitsOf } from './hint.ts';
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

const UNKNOWN = traitsOf(true);

/** What a slot's call is waiting for; `next`: it is not made yet, or ended at once. */
export type SlotState = 'free' | 'next' | 'taken' | 'queued' | 'inFlight' | 'waiting';

/**
 * A submission block with memory for what its arguments point to (SLOT_BYTES, shared, never
 * moved), and the record of its call in flight. Its id is the caller_data of its completion.
 */
export class Slot extends Block {
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
  /** It has held JavaScript for a moment, since no thread could be had (stall.ts). */
  hadMoment = false;
  /** Of its call in a queue that stands still: it has had one of the tasks that are kept. */
  turn: StallTurn | undefined;
  /** Of a write or a send that goes in parts, once it has not ended at its first try. */
  rest: Rest | undefined;
  /** Of its call that came back when it had begun: the files that its descriptors named then. */
  files: string | undefined;
  traits = UNKNOWN;
  /** Does not keep the process alive. */
  unref = false;
  site: Site | undefined;
  /** Its dispatch is observed for this site. */
  observed: Site | undefined;
  /** Where it waits, between which others; or of what it holds up those that wait. */
  line: Line | undefined;
  before: Slot | undefined;
  /** Or, of a slot that is free, the next of those. */
  behind: Slot | undefined;

  constructor(words: Int32Array, id: number, memory: MemoryChunk) {
    super(words, id);
    this.memory = memory;
    this.start = memory.next();
  }

  /** Begins a new call: number nr of Linux, memory unused. Arguments are what they were. */
  begin(nr: number): this {
    this.nr = nr;
    this.forgetRun();
    this.used = 0;
    this.pin = undefined;
    this.pins = undefined;
    this.path = undefined;
    this.secondPath = undefined;
    return this;
  }

  /** Its non-blocking variant, tried first when it is expected to block. */
  get hint(): Hint | undefined {
    return this.traits.hint;
  }

  get repeats(): boolean {
    return this.traits.repeats?.(this) ?? false;
  }

  /** Its call is in flight, waits for its descriptor, or is in the queue. */
  get busy(): boolean {
    return this.isAway || this.state === 'queued';
  }

  /** Its call has begun to be in flight, or to wait for its descriptor. */
  get isAway(): boolean {
    return this.state === 'inFlight' || this.state === 'waiting';
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

  /** Memory of it was transferred: its address is somebody else's. */
  get lost(): boolean {
    return (
      (this.pin !== undefined && isDetached(this.pin)) || (this.pins?.some(isDetached) ?? false)
    );
  }

  /** Its call is over, or is not made. */
  ended(): void {
    this.state = 'taken';
    this.files = undefined;
    this.hadMoment = false;
    this.forgetRun();
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
    this.interrupted = false;
    this.unref = false;
    this.traits = UNKNOWN;
    this.turn = undefined;
    this.rest = undefined;
  }
}
