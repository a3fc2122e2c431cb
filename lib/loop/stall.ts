import { AsyncLocalStorage } from 'node:async_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { EINTR } from '../errors.ts';
import type { Tally } from './counters.ts';
import { KEPT_FOR_STALLS, type LoopSettings } from './options.ts';
import type { Queue } from './queue.ts';
import type { Slot } from './slot.ts';
import { StallTurn } from './stall-turn.ts';
import type { Starter } from './starter.ts';

/** A queue that nothing has left for so long stands still; longer if it goes on to, up to LONGEST_MS. */
const FIRST_MS = 4;
const LONGEST_MS = 64;
const LONGER_EVERY = 100;
/** Of the tasks that are kept, those that are left for calls that can be called back. */
const LEFT = KEPT_FOR_STALLS - 1;
/** No look begins after so long in a tick, and looks take one part in so many of the time. */
const LOOKS_MS = 2;
const LOOKS_EVERY = 10;
/** A look that seems to take longer than a tenth of that was kept off its processor. */
const RAREST_LOOK_MS = 640;
/** It has stood still so often in a row when a warning says so. */
const WARN_AFTER = 200;

/** A timer keeps the stores of AsyncLocalStorage that it was made with: those of no call. */
const outside = AsyncLocalStorage.snapshot();

/**
 * How a call of the queue is made: as any other, or out of its order, with a task that is kept. Where
 * no thread can be had it may hold JavaScript for a moment then, or is looked at, or is not made.
 */
export type How = 'in its order' | 'may hold' | 'may not hold';

/** What it uses of a loop. */
export interface Stalled {
  readonly queue: Queue;
  readonly starter: Starter;
  readonly tally: Tally;
  readonly settings: LoopSettings;
  /** Tasks that may have calls, and have none. */
  free(): number;
  /** Makes one of the queue, which goes out; false: it has to wait on, or there is none. */
  start(slot: Slot | undefined, how: How): boolean;
  /** Once, of a call in flight. */
  interrupt(slot: Slot): void;
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
 * Those that have had none yet have intervals of their own: a call that does not block waits behind
 * none that does, but for the turns below.
 *
 * No call is left out, whatever arrives meanwhile. Calls enter the queue at its end alone, and go
 * back to its end after a moment: so the number of those before a call never grows. Each moment goes
 * to the first call that may have it, so it takes one from before all others that may, or is their
 * own. The two kinds of moments take turns where both are due, so that neither has to wait for more
 * than one of the other kind. A round of looks is as long as the queue was when it began, and each
 * tick makes one look at least.
 */
export class Stall {
  /** Of the queue, the one that is being made: owners who are told of others meanwhile come here again. */
  making: Slot | undefined;
  readonly #loop: Stalled;
  /** Tasks that are kept for calls that are not known to block. */
  readonly #kept: number;
  #turns: Slot[] = [];
  #leftBefore = -1;
  #times = 0;
  /** Of them, those in which a call had JavaScript's thread. */
  #moments = 0;
  #waitMs = FIRST_MS;
  /** The looks at the queue have taken so long, and their round has so many calls left. */
  #lookedMs = 0;
  #roundLeft = 0;
  /** The first of the queue whose look in its order took long, and when there may be another one. */
  #dear: { readonly slot: Slot; readonly next: number } | undefined;
  /** Of the calls that were looked at, some wait for the next look. */
  #looksOn = false;
  /** Of performance.now(): a call may have JavaScript's thread then. */
  #nextMoment = 0;
  /** Likewise one that has had no moment yet: mostly it does not block, and ends at once. */
  #nextFirst = 0;
  /** The latest call that has held JavaScript had had no moment before. */
  #heldFirst = false;
  #firstWaitMs = FIRST_MS;
  /** The timer's tick, and the moment from which on it may look. */
  #next = 0;
  #nextLooks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(loop: Stalled) {
    this.#loop = loop;
    this.#kept = loop.settings.mostInFlight - loop.settings.crowdedAt;
  }

  /** There is a further call in the queue. */
  watch(): void {
    if (this.#timer === undefined) this.#goesOn();
    else if (!this.#loop.starter.isShort) return;
    // its limit begins with its first look; a call that arrives makes no other wait for longer
    else if (this.#nextLooks <= performance.now() + this.#looksMs) return;
    else this.#looksOn = true;
    this.#wait();
  }

  get #looksMs(): number {
    return Math.max(FIRST_MS, restMs(this.#lookedMs));
  }

  #wait(): void {
    const looksMs = this.#looksMs;
    const firstMs = this.#nextFirst - performance.now();
    const waitMs = firstMs > 0 ? Math.min(this.#waitMs, firstMs) : this.#waitMs;
    const ms = this.#looksOn ? looksMs : Math.max(waitMs, looksMs);
    this.#looksOn = false;
    this.#nextLooks = performance.now() + ms;
    this.#sleep(ms);
  }

  /** A task that is free by then takes a call, though no look may begin yet. */
  #sleep(looksMs: number): void {
    const ms = Math.min(looksMs, LONGEST_MS);
    clearTimeout(this.#timer);
    this.#next = performance.now() + ms;
    this.#timer = outside(() => setTimeout(this.#tick, ms).unref());
  }

  get #hasTask(): boolean {
    return this.#loop.free() > 0 && this.#loop.starter.hasTask();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#times = this.#moments = 0;
    this.#dear = undefined;
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

  /**
   * Calls that have such a task, and are not called back. Not more than such tasks are in use: where
   * another call has ended since, one that took a kept task has that one's.
   */
  get #others(): number {
    const others = this.#turns.filter((slot) => hasTurn(slot) && !slot.repeats).length;
    return Math.min(others, Math.max(0, this.#kept - this.#loop.free()));
  }

  /** For JavaScript that waits itself: timers do not run then. */
  look(): void {
    if (this.#timer === undefined || this.making) return;
    if (performance.now() >= this.#next) this.#tick();
  }

  readonly #tick = (): void => {
    if (this.#loop.queue.length === 0) {
      this.stop();
      return;
    }
    const restMs = this.#nextLooks - performance.now();
    if (restMs > 1 && this.#loop.starter.isShort && !this.#hasTask) {
      this.#sleep(restMs);
      return;
    }
    this.#lookedMs = 0;
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
    if (this.#loop.queue.length === 0) return;
    if (this.#isHere) this.#goOnHere();
    else this.#giveTurns();
  }

  /** There are threads again, and nothing in flight has ended since that would have told so. */
  #useRoom(): void {
    this.#makeInOrder(() => !this.#loop.starter.isShort && this.#loop.free() > this.#kept);
  }

  /** Makes the first ones, as long as they go out. Those that came back may all be over: 2 ms of them. */
  #makeInOrder(mayMake: () => boolean): void {
    const { queue, start } = this.#loop;
    const until = performance.now() + LOOKS_MS;
    while (mayMake()) {
      const { first } = queue;
      const isLook = first?.goesOn === true;
      const begun = performance.now();
      const rests = isLook && this.#dear?.slot === first && begun < this.#dear.next;
      if (rests && !this.#hasTask) return;
      if (!start(first, 'in its order')) {
        const end = performance.now();
        if (isLook) this.#dear = { slot: first, next: end + restMs(end - begun) };
        return;
      }
      if (isLook && performance.now() >= until) return;
    }
  }

  #giveTurns(): void {
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
   * Those that do not block, a moment of the first that can not be looked at, and a look at those that
   * can. Threads that are there again are for the next turn.
   */
  #goOnHere(): void {
    const now = performance.now();
    const isFirstDue = now >= this.#nextFirst;
    const isMomentDue = now >= this.#nextMoment;
    if (this.#heldFirst) {
      if (!(isMomentDue && this.#giveMoment()) && isFirstDue) this.#giveFirst();
    } else if (!(isFirstDue && this.#giveFirst()) && isMomentDue) this.#giveMoment();
    const begun = performance.now();
    this.#look(begun + LOOKS_MS);
    this.#lookedMs += performance.now() - begun;
  }

  /** True: one has held JavaScript. */
  #giveFirst(): boolean {
    const held = this.#heldBy((slot) => !slot.hadMoment && !slot.looked);
    this.#firstWaitMs = held ? Math.min(2 * this.#firstWaitMs, LONGEST_MS) : FIRST_MS;
    if (held) this.#nextFirst = performance.now() + this.#firstWaitMs;
    this.#heldFirst ||= held;
    return held;
  }

  /** Likewise. */
  #giveMoment(): boolean {
    const held = this.#heldBy((slot) => !slot.looked);
    this.#waitMs = held ? Math.min(2 * this.#waitMs, LONGEST_MS) : FIRST_MS;
    if (held) this.#nextMoment = performance.now() + this.#waitMs;
    this.#heldFirst &&= !held;
    return held;
  }

  /** Makes those that may have a moment: did one hold JavaScript? It is the last then. */
  #heldBy(mayHave: (slot: Slot) => boolean): boolean {
    const begun = performance.now();
    const held = this.#firstThatHolds(begun + LOOKS_MS, mayHave);
    if (held === undefined) {
      this.#lookedMs += performance.now() - begun;
      return false;
    }
    this.#loop.queue.putLast(held);
    if (++this.#moments === WARN_AFTER) warn(this.#loop);
    return true;
  }

  /** Makes those that may have a moment, up to one that has held JavaScript. */
  #firstThatHolds(until: number, mayHave: (slot: Slot) => boolean): Slot | undefined {
    const { queue, start } = this.#loop;
    for (let i = 0; this.#isHere; ) {
      const slot = queue.at(i);
      if (slot === undefined) return undefined;
      if (!mayHave(slot)) i++;
      else if (!start(slot, 'may hold') && !slot.looked && queue.at(i) === slot) return slot;
      else if (performance.now() >= until) return undefined;
    }
    return undefined;
  }

  /** There is no thread, but room for one: calls go on here. */
  get #isHere(): boolean {
    return this.#loop.starter.isShort && this.#loop.free() > 0;
  }

  /** Goes on where the last looks have ended, with those that were there when the round began. */
  #look(until: number): void {
    const { queue, start } = this.#loop;
    for (let left = queue.length; left > 0 && this.#isHere; left--) {
      if (--this.#roundLeft < 0 || queue.cursor >= queue.length) {
        queue.cursor = 0;
        this.#roundLeft = queue.length - 1;
      }
      const slot = queue.at(queue.cursor);
      if (!start(slot, 'may not hold')) {
        queue.cursor++;
        this.#looksOn ||= slot?.looked === true;
      }
      if (performance.now() >= until) return;
    }
  }

  #callBack(slot: Slot, turn: StallTurn): void {
    turn.calledBack = true;
    this.#loop.interrupt(slot);
  }

  /** A call is over, with this result: does it wait for another turn? */
  takesBack(slot: Slot, result: number): boolean {
    const { turn } = slot;
    if (turn === undefined) return false;
    const takes = turn.calledBack && result === EINTR && !slot.interrupted;
    turn.end();
    return takes;
  }

  /** Calls have ended. Starts what waits, as far as there is room: some whose turn is over, too. */
  drain(): void {
    if (this.#loop.queue.length === 0) return;
    this.#makeInOrder(() => true);
    if (this.#times > 0 && this.making === undefined && !this.#loop.starter.isShort) this.#fill();
  }

  /** Gives the tasks that are free to the first in the queue, of those that may have them. */
  #fill(): void {
    const { queue } = this.#loop;
    let others = this.#others;
    for (let i = 0; this.#loop.free() > 0 && !this.#loop.starter.isShort; ) {
      const slot = queue.at(i);
      if (slot === undefined) return;
      const mayHave = slot.repeats || others < this.#kept - LEFT;
      if (!mayHave || !this.#send(slot)) i++;
      else others = this.#others;
    }
  }

  /** It goes out. Nobody has held its memory: it is not made if that was transferred. */
  #send(slot: Slot): boolean {
    if (slot.lost && !slot.isHeld) return false;
    if (slot.goesOn) return this.#loop.start(slot, 'may not hold');
    if (!this.#loop.starter.send(slot)) return false;
    this.#loop.queue.remove(slot);
    this.took(slot);
    return true;
  }
}

/** How long there are no looks after some that took so long. */
const restMs = (lookedMs: number): number => Math.min(LOOKS_EVERY * lookedMs, RAREST_LOOK_MS);

const hasTurn = (slot: Slot): boolean => slot.turn?.isOn === true;

let hasWarned = false;

function warn({ queue, starter, settings }: Stalled): void {
  if (hasWarned) return;
  hasWarned = true;
  const why = starter.isShort
    ? 'no further one can be had'
    : `all ${settings.maxTasks} have calls that do not end`;
  process.emitWarning(
    `${queue.length} calls wait for a thread, and ${why}. What could ` +
      'end them may be among those that wait: these get a moment each, by turns. Raise maxTasks ' +
      '(sys.configure), or RLIMIT_NPROC and the limit of the pids cgroup, from which it follows',
    { code: 'SYSLETS_STALL' },
  );
}
