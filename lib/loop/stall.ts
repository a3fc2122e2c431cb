import { AsyncLocalStorage } from 'node:async_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { native } from '../native.ts';
import type { Tally } from './counters.ts';
import { KEPT_FOR_STALLS, type LoopSettings } from './options.ts';
import type { Queue } from './queue.ts';
import type { Slot } from './slot.ts';
import { StallTurn } from './stall-turn.ts';
import type { Starter } from './starter.ts';

const EINTR = -4;
/** A queue that nothing has left for so long stands still; longer if it goes on to, up to LONGEST_MS. */
const FIRST_MS = 4;
const LONGEST_MS = 64;
const LONGER_EVERY = 100;
/** Of the tasks that are kept, those that are left for calls that can be called back. */
const LEFT = KEPT_FOR_STALLS - 1;
/** The looks at a queue take one part in so many of the time. */
const LOOKS_EVERY = 10;
/** It has stood still so often in a row when a warning says so. */
const WARN_AFTER = 200;

/** A timer keeps the stores of AsyncLocalStorage that it was made with: those of no call. */
const outside = AsyncLocalStorage.snapshot();

/** What it uses of a loop. */
export interface Stalled {
  readonly queue: Queue;
  readonly starter: Starter;
  readonly tally: Tally;
  /** Address of the ring of all calls. */
  readonly ring: bigint;
  readonly settings: LoopSettings;
  /** Tasks that may have calls, and have none. */
  free(): number;
  /** Makes the first in the queue; on JavaScript's own thread, for a moment, if there is no other. */
  startFirst(): boolean;
}

/**
 * What could end the calls in flight may be in the queue: the open for writing that as many opens for
 * reading as there are tasks wait for. So when nothing has left the queue for a while, the tasks that
 * are kept are given to those in it by turns: a call that EINTR leaves as it was is called back after
 * its turn. Others may have all of these tasks but two, for as long as they take: two calls that wait
 * for each other, as the two opens of a FIFO, have to be in the kernel at the same time.
 *
 * Where the machine gives no task at all, JavaScript's own thread is what there is: calls that can be
 * looked at are, and the others have a moment of it, one after the other, at ever longer intervals.
 */
export class Stall {
  /** The first in the queue is being made: owners who are told of others meanwhile come here again. */
  isMaking = false;
  readonly #loop: Stalled;
  /** Tasks that are kept for calls that are not known to block. */
  readonly #kept: number;
  #turns: Slot[] = [];
  #leftBefore = -1;
  #times = 0;
  /** Of them, those in which a call had JavaScript's thread. */
  #moments = 0;
  #waitMs = FIRST_MS;
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(loop: Stalled) {
    this.#loop = loop;
    this.#kept = loop.settings.mostInFlight - loop.settings.maxInFlight;
  }

  /** There is a further call in the queue. */
  watch(): void {
    if (this.#timer !== undefined) return;
    this.#goesOn();
    this.#wait();
  }

  #wait(): void {
    this.#next = performance.now() + this.#waitMs;
    this.#timer = outside(() => setTimeout(this.#tick, this.#waitMs).unref());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#times = this.#moments = 0;
  }

  /** The call has one of the tasks that are kept: it was made in case that it need not wait. */
  took(slot: Slot): void {
    this.#turns = this.#turns.filter(hasTurn);
    this.#turns.push(slot);
    slot.turn ??= new StallTurn();
    slot.turn.begin();
  }

  /**
   * A call that was not sent here: it is made in case that it need not wait, one at least before the
   * queue stands still.
   */
  mayTake(slot: Slot): boolean {
    return slot.repeats || this.#others < Math.max(1, this.#kept - LEFT);
  }

  /** Calls that have such a task, and are not called back. */
  get #others(): number {
    return this.#turns.filter((slot) => hasTurn(slot) && !slot.repeats).length;
  }

  /** For JavaScript that waits itself: timers do not run then. */
  look(): void {
    if (this.#timer === undefined || this.isMaking) return;
    if (performance.now() >= this.#next) this.#tick();
  }

  readonly #tick = (): void => {
    clearTimeout(this.#timer);
    if (this.#loop.queue.length === 0) {
      this.stop();
      return;
    }
    if (this.#loop.queue.left === this.#leftBefore) this.#nextTurn();
    else this.#goesOn();
    this.#wait();
  };

  #goesOn(): void {
    this.#leftBefore = this.#loop.queue.left;
    this.#times = this.#moments = 0;
    this.#waitMs = FIRST_MS;
  }

  #nextTurn(): void {
    this.#loop.tally.stalls++;
    this.#times++;
    if (this.#times % LONGER_EVERY === 0) this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_MS);
    this.#useRoom();
    if (this.#loop.starter.isShort && this.#loop.free() > 0) {
      this.#goOnHere();
      return;
    }
    if (this.#times === WARN_AFTER) warn(this.#loop);
    this.#turns = this.#turns.filter(hasTurn);
    const now = performance.now();
    for (const slot of this.#turns) {
      const turn = slot.turn as StallTurn;
      if (slot.repeats && now >= turn.ends) this.#callBack(slot, turn);
    }
    this.#fill();
  }

  /**
   * There are threads again, and nothing in flight has ended since that would have told so. Calls
   * that came back go on so alone: they are sent nowhere (#send).
   */
  #useRoom(): void {
    const { starter, free, startFirst } = this.#loop;
    while (!starter.isShort && free() > this.#kept && startFirst());
  }

  /**
   * Those that do not block, a look at those that can be looked at, and a moment of the first that
   * can not. Looks take no longer than a part of the time.
   */
  #goOnHere(): void {
    const begun = performance.now();
    const held = this.#goThrough();
    if (held !== undefined && ++this.#moments === WARN_AFTER) warn(this.#loop);
    const tookMs = performance.now() - begun;
    this.#waitMs = held ? 2 * this.#waitMs : Math.max(FIRST_MS, LOOKS_EVERY * tookMs);
    this.#waitMs = Math.min(this.#waitMs, LONGEST_MS);
  }

  /** The call that had a moment, which is the last of the queue now; undefined: none had. */
  #goThrough(): Slot | undefined {
    const { queue } = this.#loop;
    let held: Slot | undefined;
    for (let left = queue.length; left > 0; left--) {
      const mayStart = held === undefined || queue.first?.looked === true;
      if (mayStart && this.#loop.startFirst()) continue;
      if (mayStart && queue.first?.looked === false) held = queue.first;
      queue.rotate();
    }
    if (held === undefined) return undefined;
    for (let left = queue.length; left > 0 && queue.at(queue.length - 1) !== held; left--) {
      queue.rotate();
    }
    return held;
  }

  #callBack(slot: Slot, turn: StallTurn): void {
    turn.calledBack = true;
    native().interrupt(this.#loop.ring, slot.id);
  }

  /** A call is over, with this result: does it wait for another turn? */
  takesBack(slot: Slot, result: number): boolean {
    const { turn } = slot;
    if (turn === undefined) return false;
    const takes = turn.calledBack && result === EINTR && !slot.interrupted;
    turn.end();
    return takes;
  }

  /** Calls have ended: some whose turn is over, if the queue stands still. */
  goOn(): void {
    if (this.#times > 0 && !this.isMaking && !this.#loop.starter.isShort) this.#fill();
  }

  /** Gives the tasks that are free to the first in the queue, of those that may have them. */
  #fill(): void {
    const { queue } = this.#loop;
    let others = this.#others;
    for (let i = 0; this.#loop.free() > 0; ) {
      const slot = queue.at(i);
      if (slot === undefined) return;
      const mayHave = slot.repeats || others < this.#kept - LEFT;
      if (!mayHave || !this.#send(slot)) {
        i++;
        continue;
      }
      queue.remove(slot);
      if (!slot.repeats) others++;
    }
  }

  /** Nobody has held its memory: it is not made if that was transferred. */
  #send(slot: Slot): boolean {
    if (slot.cameBack || (slot.lost && !slot.isHeld)) return false;
    if (!this.#loop.starter.send(slot)) return false;
    this.took(slot);
    return true;
  }
}

const hasTurn = (slot: Slot): boolean => slot.turn?.isOn === true;

let hasWarned = false;

function warn({ queue, starter, settings }: Stalled): void {
  if (hasWarned) return;
  hasWarned = true;
  const why = starter.isShort
    ? 'the machine gives no further one'
    : `all ${settings.maxTasks} have calls that do not end`;
  process.emitWarning(
    `${queue.length} calls wait for a thread, and ${why}. What could ` +
      'end them may be among those that wait: these get a moment each, by turns. Raise maxTasks ' +
      '(sys.configure), or RLIMIT_NPROC and the limit of the pids cgroup, from which it follows',
    { code: 'SYSLETS_STALL' },
  );
}
