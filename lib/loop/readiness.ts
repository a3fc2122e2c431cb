import { AsyncLocalStorage } from 'node:async_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { EBADF, EPIPE } from '../errors.ts';
import { eventSet } from '../kernel/index.ts';
import { Descriptor, FILE, type Line } from './descriptor.ts';
import { CLOSES, CLOSES_RANGE, effectOf, GIVES, REPLACES } from './descriptor-calls.ts';
import { HOW, type StreamHint } from './hint.ts';
import type { Slot } from './slot.ts';

const EPOLLIN = 1;
const EPOLLOUT = 4;
/** Of native/addon/poll.h: how a call uses its descriptor, and what is said of that. */
const ANY = 0;
const KNOWN = 8;
const TRIED = 16;
const ASK = 0x4000_0000;
const OTHER_FILE = -2;
const FIRST_READ = -3;
/** Words of an event in the array that the addon fills. */
const EVENT_WORDS = 3;
const EVENTS = 64;
/** So often, so many descriptors with waits are looked at: does the number still name the file? */
const AUDIT_MS = 1000;
const AUDITED = 256;

/** A timer keeps the stores of AsyncLocalStorage that it was made with: those of no call. */
const outside = AsyncLocalStorage.snapshot();

/** What a loop does for the calls that wait here. */
export interface Waiter {
  /** Makes the call of a slot that has waited in the line. */
  make(slot: Slot, line: Line): void;
  /** Ends a call that was not made, once the code that runs now has returned. */
  later(slot: Slot, result: number): void;
  /** Makes a call that moves what it can, and does not wait: the slot says if it is over. */
  look(slot: Slot): number;
}

/** Does the call wait, or is it to be made as ever? `first`: those after it wait for its end. */
export type Verdict = 'waits' | 'make it' | 'make it first';

/** What is made in parts waits once there was no room. */
function howOf({ how, parts }: StreamHint, { noParts }: Descriptor): number {
  return parts === undefined || noParts ? how : HOW.rest;
}

/** Poll may not tell what ends it. */
function isTooShort(slot: Slot, { descriptor, events }: Line): boolean {
  const least = events === EPOLLIN ? descriptor.least : 1;
  return (slot.hint as StreamHint).lengthOf(slot) < least;
}

/**
 * Calls that wait until their descriptor is ready: no thread is theirs. Readiness is a hint: a call
 * is made when its descriptor is ready, and handed over like any other if it blocks all the same.
 *
 * Descriptors are one-shot in the set: one is armed while somebody waits for it. A number may be
 * closed and used again by anybody; arming tells that it names another file now.
 */
export class Readiness {
  /** Calls that wait. */
  count = 0;
  readonly events = new Int32Array(EVENTS * EVENT_WORDS);
  /** What was ready is being told: nobody may take more of it meanwhile. */
  isTelling = false;
  readonly #set = eventSet();
  readonly #waiter: Waiter;
  /** null: a file, on which nothing waits. */
  readonly #all = new Map<number, Descriptor | null>();
  #generation = 0;
  #audited = this.#all.values();
  #timer: NodeJS.Timeout | undefined;

  constructor(waiter: Waiter) {
    this.#waiter = waiter;
  }

  /** The line of calls like this one; undefined for files. */
  line(fd: number, events: number): Line | undefined {
    const known = this.#all.get(fd);
    if (known === undefined) return this.#look(fd)?.line(events);
    return known?.line(events);
  }

  #look(fd: number): Descriptor | undefined {
    const kind = this.#set.readyKind(fd);
    if (kind < 0) return undefined;
    const made = kind === FILE ? null : new Descriptor(fd, kind, this.#nextGeneration());
    this.#all.set(fd, made);
    return made ?? undefined;
  }

  #nextGeneration(): number {
    this.#generation = (this.#generation + 1) | 0;
    return this.#generation;
  }

  /** Does poll say that a call of this line can be made? */
  isReady(line: Line): boolean {
    if (!line.shouldAsk()) return false;
    const isReady = this.#set.readyAsk(line.descriptor.fd, line.events);
    line.answered(isReady);
    return isReady;
  }

  /** The slot's call waits behind those of its line, unless it may not. */
  wait(slot: Slot, hint: StreamHint, line: Line): Verdict {
    const { descriptor } = line;
    let said = this.#armWith(line, howOf(hint, descriptor));
    if (said === OTHER_FILE) {
      this.#reused(descriptor);
      said = this.#armWith(line, howOf(hint, descriptor));
    }
    if (said < 0 && (said !== FIRST_READ || line.idle)) {
      return said === FIRST_READ ? 'make it first' : 'make it';
    }
    if (isTooShort(slot, line)) return 'make it';
    line.push(slot);
    this.#counted();
    return 'waits';
  }

  #counted(): void {
    this.count++;
    this.#timer ??= outside(() => setInterval(this.#audit, AUDIT_MS).unref());
  }

  /** A call that was the first goes on to be, and waits: before all others. False if it may not. */
  waitOn(slot: Slot, line: Line): boolean {
    const { descriptor, events } = line;
    const how = slot.rest === undefined ? howOf(slot.hint as StreamHint, descriptor) : HOW.rest;
    if (this.#arm(descriptor, descriptor.wanted | events, how) < 0) return false;
    if (isTooShort(slot, line)) return false;
    line.unshift(slot);
    this.#counted();
    return true;
  }

  #armWith(line: Line, how: number): number {
    const { descriptor, blocked, events } = line;
    return this.#arm(descriptor, descriptor.wanted | (blocked === undefined ? events : 0), how);
  }

  /** What the addon says: above zero, the descriptor is armed. */
  #arm(descriptor: Descriptor, wanted: number, how: number): number {
    const { fd, generation, tried, added } = descriptor;
    const known = descriptor.isKnownFor(how);
    const asked = how | (known ? KNOWN : 0) | (tried ? TRIED : 0);
    const said = added
      ? this.#set.readyArm(fd, wanted, generation, asked)
      : this.#set.readyAdd(fd, wanted, generation, asked);
    if (said > 0) descriptor.mayWait(how, said & ~ASK, (said & ASK) !== 0);
    return said;
  }

  /** Its number names another file now, or none: the calls that wait were for the old one. */
  #reused(descriptor: Descriptor): void {
    this.#endAll(descriptor);
    descriptor.renew(this.#set.readyKind(descriptor.fd), this.#nextGeneration());
  }

  #endAll(descriptor: Descriptor): void {
    for (const line of [descriptor.reads, descriptor.writes]) {
      if (line === undefined) continue;
      while (line.first !== undefined) this.#waiter.later(this.leave(line.first), EBADF);
      if (line.blocked !== undefined) line.blocked.line = undefined;
      line.blocked = undefined;
    }
  }

  /** The slot does not wait any more. */
  leave(slot: Slot): Slot {
    slot.line?.remove(slot);
    this.count--;
    return slot;
  }

  /**
   * Changes when the number names another file than it did when this was asked before. 0: a file on which
   * nothing waits, which its inode tells.
   */
  generationOf(fd: number): number {
    this.lookAgain(fd);
    const descriptor = this.line(fd, EPOLLIN)?.descriptor;
    if (descriptor === undefined) return 0;
    if (this.#arm(descriptor, descriptor.wanted, ANY) === OTHER_FILE) {
      this.#reused(descriptor);
      this.#arm(descriptor, descriptor.wanted, ANY);
    }
    return descriptor.generation;
  }

  /**
   * The call went to a thread, or to the queue; those of its line wait for its end. The set has its
   * descriptor, so that arming for the next call tells if the number names another file by then.
   */
  blocked(slot: Slot, line: Line): void {
    line.blocked = slot;
    slot.line = line;
    const { descriptor } = line;
    if (!descriptor.added) this.#arm(descriptor, descriptor.wanted, ANY);
  }

  /** A call that went to a thread is over, or one in the queue was not made. */
  unblocked(slot: Slot): void {
    const { descriptor } = this.#back(slot);
    if (slot.state === 'inFlight') descriptor.wasTried();
    this.#rearm(descriptor);
  }

  #back(slot: Slot): Line {
    const line = slot.line as Line;
    slot.line = undefined;
    line.blocked = undefined;
    return line;
  }

  /** Likewise a call that goes on with its next part: nobody comes before it. */
  goesOn(slot: Slot, goOn: (line: Line) => number): number {
    const line = this.#back(slot);
    const result = goOn(line);
    this.#rearm(line.descriptor);
    return result;
  }

  /** For the first of those that wait; it is made if it may wait no longer. */
  #rearm(descriptor: Descriptor): void {
    for (;;) {
      const first = descriptor.next;
      if (first === undefined) return;
      const said = this.#arm(
        descriptor,
        descriptor.wanted,
        howOf(first.hint as StreamHint, descriptor),
      );
      if (said > 0) return;
      if (said === OTHER_FILE) this.#reused(descriptor);
      else this.#make(first);
    }
  }

  /** Makes the calls whose descriptors are ready, as the first `count` events tell. */
  told(count: number): void {
    this.isTelling = true;
    try {
      for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) this.#tell(at);
    } finally {
      this.isTelling = false;
    }
  }

  #tell(at: number): void {
    const { events } = this;
    const descriptor = this.#all.get(events[at] as number);
    if (!descriptor || descriptor.generation !== events[at + 1]) return;
    const what = events[at + 2] as number;
    if (what & ~EPOLLOUT) this.#serve(descriptor.reads);
    if (what & ~EPOLLIN) this.#serve(descriptor.writes);
    this.#rearm(descriptor);
  }

  /** One call: whether there is enough for two, poll has to say. */
  #serve(line: Line | undefined): void {
    if (line?.first === undefined || line.blocked !== undefined) return;
    this.#make(line.first);
  }

  #make(slot: Slot): void {
    const line = slot.line as Line;
    this.#waiter.make(this.leave(slot), line);
  }

  /** To be told before a call that closes descriptors is made. */
  closing(slot: Slot): void {
    const effect = effectOf(slot.nr);
    if (effect === CLOSES) this.forget(slot.firstArgument);
    else if (effect === REPLACES) this.#replaced(slot.firstArgument, slot.argument(1));
    else if (effect === CLOSES_RANGE) this.#forgetAll(slot.firstArgument, slot.argument(1));
  }

  #replaced(by: number, fd: number): void {
    if (by !== fd) this.forget(fd);
  }

  #forgetAll(first: number, last: number): void {
    for (const fd of [...this.#all.keys()]) if (fd >= first && fd <= last) this.forget(fd);
  }

  /** A call has given a descriptor: the number is a new file's. */
  given(slot: Slot, result: number): void {
    if (result >= 0 && effectOf(slot.nr) === GIVES) this.forget(result);
  }

  /** The number is closed, or names another file from now on. */
  forget(fd: number): void {
    const known = this.#all.get(fd);
    if (known === undefined) return;
    this.#all.delete(fd);
    if (known === null) return;
    if (known.added) this.#set.readyForget(fd);
    this.#endAll(known);
  }

  /** A file blocked: its number names something else by now. */
  lookAgain(fd: number): void {
    if (this.#all.get(fd) === null) this.#all.delete(fd);
  }

  /** A descriptor that other code has closed leaves the set without a word. */
  readonly #audit = (): void => {
    if (this.count === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (let left = AUDITED; left > 0; ) {
      const { value, done } = this.#audited.next();
      if (done) {
        this.#audited = this.#all.values();
        return;
      }
      if (value?.hasWaits) {
        left--;
        this.#check(value);
      }
    }
  };

  #check(descriptor: Descriptor): void {
    if (this.#arm(descriptor, descriptor.wanted, ANY) < 0) this.#reused(descriptor);
    else if (descriptor.isSocket && descriptor.wanted & EPOLLOUT) this.#tryWrites(descriptor);
  }

  /**
   * Poll does not tell a writer that a socket has room for little, nor that nobody reads a Unix
   * socket any more: the call does.
   */
  #tryWrites(descriptor: Descriptor): void {
    let tried: Slot | undefined;
    while (descriptor.wanted & EPOLLOUT) {
      const { first } = descriptor.writes as Line;
      if (first === undefined || first === tried) break;
      tried = first;
      first.rest?.triedUntold();
      if (!this.#isLookedAt(first)) this.#serve(descriptor.writes);
    }
    this.#rearm(descriptor);
  }

  /** What is not made in parts is looked at: it moves what it can, and waits on, or is over. */
  #isLookedAt(slot: Slot): boolean {
    if ((slot.hint as StreamHint).parts !== undefined || slot.interrupted) return false;
    const result = this.#waiter.look(slot);
    if (slot.looked) return true;
    if (slot.cameBack) return false;
    const kept = result === EPIPE ? this.#set.readyError(slot.firstArgument) : 0;
    this.#waiter.later(this.leave(slot), kept || result);
    return true;
  }

  /** All calls that wait: they do not any more. */
  close(): readonly Slot[] {
    const waiting: Slot[] = [];
    for (const descriptor of this.#all.values()) {
      for (const line of [descriptor?.reads, descriptor?.writes]) {
        while (line?.first !== undefined) waiting.push(this.leave(line.first));
      }
    }
    this.#all.clear();
    clearInterval(this.#timer);
    return waiting;
  }
}
