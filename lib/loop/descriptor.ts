import { HOW } from './hint.ts';
import type { Slot } from './slot.ts';

/** poll is asked no more after so many times in vain: a wait tells as well. */
const VAIN = 2;
/** But in one of so many calls, in case that what they wait for is there mostly. */
const ASK_EVERY = 16;

/** What a descriptor is, as the addon says; there is something else that may be waited for, too. */
export const FILE = 0;
const SOCKET = 2;
const PIPE = 3;

/** Facts of a file, beside 1 << how: calls like that have waited for it before. */
const ADDED = 1;
const TRIED = 0x100;
const NO_PARTS = 0x200;

/** Calls that wait for one direction of a descriptor: first come, first served. */
export class Line {
  readonly descriptor: Descriptor;
  /** EPOLLIN or EPOLLOUT. */
  readonly events: number;
  first: Slot | undefined;
  last: Slot | undefined;
  /**
   * It was made and blocked all the same, so that a thread has it: those behind it wait until it is
   * over, whatever poll says.
   */
  blocked: Slot | undefined;
  /** Vain questions in a row; from VAIN on all calls are counted. */
  #vain = 0;

  constructor(descriptor: Descriptor, events: number) {
    this.descriptor = descriptor;
    this.events = events;
  }

  /** Nobody is before the next call. */
  get idle(): boolean {
    return this.first === undefined && this.blocked === undefined;
  }

  /** Is poll worth asking before a wait? */
  shouldAsk(): boolean {
    if (this.#vain < VAIN) return true;
    this.#vain++;
    return (this.#vain - VAIN) % ASK_EVERY === 0;
  }

  answered(isReady: boolean): void {
    if (isReady) this.#vain = 0;
    else if (this.#vain < VAIN) this.#vain++;
  }

  push(slot: Slot): void {
    slot.line = this;
    slot.before = this.last;
    slot.behind = undefined;
    if (this.last === undefined) this.first = slot;
    else this.last.behind = slot;
    this.last = slot;
  }

  /** Before all others: its call has begun. */
  unshift(slot: Slot): void {
    slot.line = this;
    slot.before = undefined;
    slot.behind = this.first;
    if (this.first === undefined) this.last = slot;
    else this.first.before = slot;
    this.first = slot;
  }

  remove(slot: Slot): void {
    const { before, behind } = slot;
    if (before === undefined) this.first = behind;
    else before.behind = behind;
    if (behind === undefined) this.last = before;
    else behind.before = before;
    slot.line = slot.before = slot.behind = undefined;
  }
}

/** What is known of the file that a descriptor's number names. */
export class Descriptor {
  readonly fd: number;
  /** Tells events of this file from those of one that had its number before. */
  generation: number;
  #facts = 0;
  /** Of reads: the kernel refuses shorter ones at once, or ends them with less than poll tells. */
  least = 1;
  kind: number;
  reads: Line | undefined;
  writes: Line | undefined;

  constructor(fd: number, kind: number, generation: number) {
    this.fd = fd;
    this.kind = kind;
    this.generation = generation;
  }

  get isSocket(): boolean {
    return this.kind === SOCKET;
  }

  get isPipe(): boolean {
    return this.kind === PIPE;
  }

  /** The set has it. */
  get added(): boolean {
    return (this.#facts & ADDED) !== 0;
  }

  /** A FIFO from which something was read, or on which a read has blocked: somebody wrote to it. */
  get tried(): boolean {
    return (this.#facts & TRIED) !== 0;
  }

  wasTried(): void {
    this.#facts |= TRIED;
  }

  /** Writes cannot be made in parts. */
  get noParts(): boolean {
    return (this.#facts & NO_PARTS) !== 0;
  }

  refusedParts(): void {
    this.#facts |= NO_PARTS;
  }

  /** Calls like that have waited for this file before. */
  isKnownFor(how: number): boolean {
    return (this.#facts & (1 << how)) !== 0;
  }

  /** The set has it now; a call like that may wait, a read if it is for `least` bytes or more. */
  mayWait(how: number, least: number, askAgain: boolean): void {
    const bit = 1 << how;
    const isRead = how === HOW.read || how === HOW.receive;
    if (isRead && (askAgain || !this.isKnownFor(how))) this.least = least;
    this.#facts = ADDED | (askAgain ? this.#facts & ~bit : this.#facts | bit);
  }

  /** The number names another file from now on, of which nothing is known. */
  renew(kind: number, generation: number): void {
    this.kind = kind;
    this.generation = generation;
    this.#facts = 0;
    this.least = 1;
  }

  line(events: number): Line {
    if (events === 1) {
      this.reads ??= new Line(this, events);
      return this.reads;
    }
    this.writes ??= new Line(this, events);
    return this.writes;
  }

  /** The call that waits for one of these events. */
  get next(): Slot | undefined {
    return nextOf(this.reads) ?? nextOf(this.writes);
  }

  /** Calls wait, for one of these events or behind one that a thread has. */
  get hasWaits(): boolean {
    return this.reads?.first !== undefined || this.writes?.first !== undefined;
  }

  /** The events that somebody waits for. */
  get wanted(): number {
    return wantedBy(this.reads) | wantedBy(this.writes);
  }
}

function nextOf(line: Line | undefined): Slot | undefined {
  return line?.blocked === undefined ? line?.first : undefined;
}

function wantedBy(line: Line | undefined): number {
  return nextOf(line) === undefined ? 0 : (line as Line).events;
}
