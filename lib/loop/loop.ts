import { EBADF, EFAULT, EINTR } from '../errors.ts';
import { Kernel, type LoopSide, loopSideOf } from '../kernel/index.ts';
import { type CompletionBatch, CompletionRing, setWorkWhileWaiting } from '../ring/index.ts';
import { Batch } from './batch.ts';
import { isOfOtherFiles } from './begun-files.ts';
import { Completions } from './completions.ts';
import { type LoopCounters, newTally, type Tally } from './counters.ts';
import { Current } from './current.ts';
import type { Line } from './descriptor.ts';
import { effectOf } from './descriptor-calls.ts';
import { EventSide } from './event-side.ts';
import { traitsOf } from './hint.ts';
import { checkOptions, type LoopOptions, type LoopSettings, MOST_IN_BATCH } from './options.ts';
import { totalOf } from './parts.ts';
import { holdWaiting, letGo } from './pins.ts';
import { Queue } from './queue.ts';
import { Readiness } from './readiness.ts';
import type { Site } from './site.ts';
import type { Slot } from './slot.ts';
import { SlotPool } from './slot-pool.ts';
import { type How, Stall } from './stall.ts';
import { Starter } from './starter.ts';
import { tell } from './tell.ts';
import { Turn } from './turn.ts';
import { Unmade } from './unmade.ts';
import { WaitedCalls } from './waited-calls.ts';

const PENDING = 0;
/** Calls that end at once never let libuv poll: the set is looked at in one of so many. */
const LOOK_EVERY = 64;
/** Of calls at sites of their own. */
const PLAIN = traitsOf(false);
/** A wait sleeps in slices: between two of them worker.terminate() can end the thread. */
const SLICE_MS = 20;

/**
 * What carries the calls of one thread: kernel, ring, calls in flight, the queue of those that wait
 * for their turn, and the event loop's side of the ring.
 */
export class Loop {
  readonly kernel: Kernel;
  /** Completions of all slots come here; nobody else may reap it. */
  readonly ring: CompletionRing;
  readonly settings: LoopSettings;
  /** Calls that JavaScript waits for. */
  readonly waited: WaitedCalls;
  /** For calls that end at once: has JavaScript run for too long? undefined: nobody asks. */
  readonly asyncTurn: Turn | undefined;
  readonly directTurn: Turn | undefined;
  readonly #side: LoopSide;
  readonly #slots: SlotPool;
  readonly #starter: Starter;
  readonly #events: EventSide;
  readonly #tally: Tally = newTally();
  readonly #completions: Completions;
  readonly #queue = new Queue();
  readonly #stall: Stall;
  #inFlight = 0;
  #closed = false;
  readonly #readiness: Readiness;
  readonly #unmade = new Unmade((slot, result) => this.#end(slot, result));
  /** Calls that have ended, but for those that ended at once. */
  #ended = 0;
  #looks = 0;

  private constructor(options: LoopOptions, isPolled: boolean) {
    this.settings = checkOptions(options);
    const { asyncYieldMs, directYieldMs } = this.settings;
    this.asyncTurn = asyncYieldMs > 0 ? new Turn(asyncYieldMs) : undefined;
    this.directTurn = directYieldMs > 0 ? this.asyncTurn : undefined;
    this.ring = CompletionRing.create(this.settings.ringElements);
    this.#completions = new Completions(this.ring);
    this.#readiness = new Readiness({
      make: (slot, line) => this.#make(slot, line),
      later: (slot, result) => this.#unmade.add(slot, result),
      look: (slot) => this.#side.callLooks(slot.id),
    });
    this.#events = new EventSide(this.ring, this.#readiness.events, (count) => this.#woken(count));
    // first: attach takes descriptors into reserve, and would leave none for the events
    if (isPolled) this.#events.open();
    this.kernel = this.#attach();
    this.#side = loopSideOf(this.kernel);
    this.#slots = new SlotPool(this.#side, this.ring, this.settings.maxCalls);
    this.waited = new WaitedCalls(this.#side, this.#slots, this.#tally, this.#readiness);
    this.#starter = this.#newStarter();
    this.#stall = this.#newStall();
    setWorkWhileWaiting(() => this.#workWhileWaiting());
  }

  #newStarter(): Starter {
    const away = { fly: this.#fly, wait: this.#wait, postpone: this.#postpone };
    const { predict } = this.settings;
    return new Starter(this.#side, this.#tally, this.waited, this.#readiness, predict, away);
  }

  #newStall(): Stall {
    const free = () => this.settings.mostInFlight - this.#inFlight;
    const start = (slot: Slot | undefined, how: How) => this.#startQueued(slot, how);
    const interrupt = (slot: Slot) => this.#side.interrupt(this.ring.address, slot.id);
    const of = { queue: this.#queue, starter: this.#starter, tally: this.#tally };
    return new Stall({ ...of, settings: this.settings, free, start, interrupt });
  }

  #attach(): Kernel {
    try {
      return Kernel.attach(this.settings.kernel);
    } catch (error) {
      this.#events.close();
      throw error;
    }
  }

  /** Attaches the calling thread. Loop.current() is what everybody but tests uses. */
  static start(options: LoopOptions = {}): Loop {
    return new Loop(options, true);
  }

  /**
   * Likewise, for who waits for each call and returns to no event loop before: libuv polls nothing of it,
   * so that it needs no descriptors, and runs in Bun and Deno, too.
   */
  static unpolled(options: LoopOptions = {}): Loop {
    return new Loop(options, false);
  }

  /** This thread's loop; the first use, and the first after close(), attaches. */
  static current(): Loop {
    return current.loop ?? current.set(Loop.start(configured));
  }

  /** Options of this thread's loop, before its first use. */
  static configure(options: LoopOptions): void {
    checkOptions(options);
    if (current.loop !== undefined) {
      throw new Error('sys is in use: call configure() before the first call, or after detach()');
    }
    configured = options;
  }

  /** This thread's loop, if there is one. */
  static get running(): Loop | undefined {
    return current.loop;
  }

  /** Calls in flight, those that wait for their descriptor, and in the queue. */
  get pending(): number {
    return this.#inFlight + this.#readiness.count + this.#queue.length;
  }

  /** A call that blocks would have to wait for another to end. */
  get full(): boolean {
    return this.#inFlight >= this.settings.crowdedAt || this.#queue.length > 0;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The slot of the next call, until done(). Reaps what is there before. */
  next(): Slot {
    if (this.ring.unread !== 0) this.#reap();
    if (this.#readiness.count !== 0 && ++this.#looks >= LOOK_EVERY) this.#look();
    return this.#slots.next();
  }

  /** Nobody needs the slot of next() any more: it is free again, unless its call is pending. */
  done(slot: Slot): void {
    this.#slots.done(slot);
  }

  /** Has the calls made whose descriptors are ready by now. */
  #look(timeoutMs = 0): void {
    if (this.#readiness.isTelling) return;
    this.#looks = 0;
    if (this.#inFlight > 0) this.#events.arm();
    this.#readiness.told(this.#events.take(this.ring.unread === 0 ? timeoutMs : 0));
    if (this.#inFlight > 0) this.#events.arm();
  }

  /** A slot that a question is asked for is nobody's yet: owners must not be told then. */
  #workWhileWaiting(): boolean {
    if (this.#starter.isAsking) return false;
    if (this.#readiness.count > 0) this.#look();
    this.#stall.look();
    return this.#readiness.count + this.#queue.length > 0;
  }

  /** A slot of one's own, until give(). */
  take(): Slot {
    return this.#slots.take();
  }

  give(slot: Slot): void {
    this.#slots.give(slot);
  }

  /**
   * Makes the slot's call: inline, when its descriptor is ready, or on another task. Its result or
   * -errno if it is over; else slot.busy is true, the number means nothing, slot.owner is told later.
   */
  run(slot: Slot): number {
    if (effectOf(slot.nr)) return this.#runOnDescriptors(slot);
    return this.full ? this.#runCrowded(slot) : this.#starter.start(slot);
  }

  /**
   * As run(), for a caller that makes calls of one kind at a time and has a site for them. The slot is
   * free again, unless its call is not over.
   */
  runAt(site: Site, slot: Slot): number {
    slot.site = site;
    slot.traits = PLAIN;
    const result = this.run(slot);
    if (slot.state === 'next') {
      slot.site = undefined;
      this.done(slot);
    }
    return result;
  }

  /** Up to 64 calls of one number, which are made in one go. */
  batch(nr: number): Batch {
    const newRow = () => this.#side.newRow(MOST_IN_BATCH, this.ring);
    return new Batch(this, this.#starter, nr, newRow);
  }

  /** Who waits for a descriptor that is closed is told; a new one is not the one before. */
  #runOnDescriptors(slot: Slot): number {
    this.#readiness.closing(slot);
    const result = this.full ? this.#runCrowded(slot) : this.#starter.start(slot);
    if (!slot.busy) this.#readiness.given(slot, result);
    return result;
  }

  /**
   * What can be made at once does not wait behind what blocks, which might wait for it. Some tasks are
   * kept for such calls, in case that they block all the same.
   */
  #runCrowded(slot: Slot): number {
    const over = this.#inFlight - this.settings.mostInFlight;
    if (over > 0 || (over === 0 && !slot.hint?.events)) return this.#enqueue(slot);
    return this.#startAtOnce(slot) ?? this.#enqueue(slot);
  }

  #startAtOnce(slot: Slot): number | undefined {
    if (!slot.hint?.events && !this.#stall.mayTake(slot)) return undefined;
    const result = this.#starter.startAtOnce(slot);
    if (slot.state === 'inFlight') this.#stall.took(slot);
    return result;
  }

  /** Not before others of its line: those it waits behind, and they behind it. */
  #enqueue(slot: Slot): number {
    const line = this.#starter.lineOf(slot);
    if (line?.idle === false && this.#starter.waitBehind(slot, line)) return PENDING;
    this.#putInQueue(slot, line?.idle ? line : undefined);
    return PENDING;
  }

  /** `line`: whose first it is, until it is over. */
  #putInQueue(slot: Slot, line?: Line): void {
    if (line !== undefined) this.#readiness.blocked(slot, line);
    if (!slot.busy) {
      this.#hold(slot);
      this.#tally.queued++;
    }
    slot.state = 'queued';
    this.#queue.push(slot);
    this.#stall.watch();
  }

  /** The slot is its call's until that is over, and the process stays alive for it. */
  #hold(slot: Slot): void {
    this.#slots.hold(slot);
    if (!slot.unref) this.#events.ref();
  }

  /** One in the queue stays there; all others go in. */
  readonly #postpone = (slot: Slot): void => {
    if (slot !== this.#stall.making) this.#putInQueue(slot);
  };

  readonly #fly = (slot: Slot): void => {
    if (slot.state !== 'queued') this.#hold(slot);
    slot.state = 'inFlight';
    this.#inFlight++;
    this.#events.arm();
  };

  readonly #wait = (slot: Slot): void => {
    if (slot.state !== 'queued') this.#hold(slot);
    slot.state = 'waiting';
    if (!slot.isHeld) holdWaiting(slot);
    this.#tally.readinessWaits++;
  };

  /** The descriptor of a slot that has waited is ready. */
  #make(slot: Slot, line: Line): void {
    slot.state = 'queued';
    if (this.#inFlight > this.settings.mostInFlight) this.#putInQueue(slot, line);
    else this.#made(slot, this.#starter.ready(slot, line));
  }

  #woken(count: number): void {
    if (this.#closed) return;
    this.#tally.wakeUps++;
    this.#readiness.told(count);
    this.#reap();
    if (this.#inFlight > 0) this.#events.arm();
  }

  /** Ends calls that are over, and makes those whose descriptors are ready; how many have ended. */
  reap(): number {
    const before = this.#ended;
    if (this.#readiness.count > 0) this.#look();
    this.#reap();
    return this.#ended - before;
  }

  #reap(): void {
    this.#unmade.tell();
    this.#completions.each(this.#completed);
    this.#stall.drain();
  }

  readonly #completed = (batch: CompletionBatch, index: number): void => {
    const slot = this.#slots.at(batch.callerData(index));
    this.#inFlight--;
    slot.setResult(batch.words[index * 4] as number, batch.words[index * 4 + 1] as number);
    this.#starter.learn(slot);
    const result = batch.status(index);
    if (slot.rest?.isTried) {
      slot.turn?.end();
      slot.state = 'queued';
      this.#made(slot, this.#starter.partEnded(slot, result));
      return;
    }
    if (this.#stall.takesBack(slot, result)) this.#putInQueue(slot, slot.line);
    else this.#end(slot, result);
  };

  #end(slot: Slot, lastResult: number): void {
    const result = totalOf(slot, slot.moved || lastResult);
    if (slot.line !== undefined) this.#readiness.unblocked(slot);
    slot.ended();
    this.#ended++;
    if (slot.isHeld) letGo(slot);
    this.#readiness.given(slot, result);
    if (!slot.unref) this.#events.unref();
    if (slot.owner !== undefined) tell(slot.owner, slot, result);
    if (!slot.kept) this.give(slot);
  }

  /** Makes one of the queue; false: it has to wait on, or there is none. */
  #startQueued(slot: Slot | undefined, how: How): boolean {
    if (slot === undefined || this.#stall.making !== undefined) return false;
    if (this.#inFlight >= this.settings.mostInFlight) return false;
    this.#stall.making = slot;
    const result = this.#makeQueued(slot, how);
    this.#stall.making = undefined;
    if (!this.#queue.has(slot)) return true; // an owner who was told of another gave it up
    if (result === undefined || Number.isNaN(result)) return false;
    this.#queue.takeOut(slot); // before its owner is told, who may make calls and so come here again
    this.#made(slot, result);
    return true;
  }

  #made(slot: Slot, result: number): void {
    if (!slot.isAway && !Number.isNaN(result)) this.#end(slot, result);
  }

  /** Nobody held its memory while it waited: it is not made if that was transferred. */
  #makeQueued(slot: Slot, how: How): number | undefined {
    if (slot.lost && !slot.isHeld) return EFAULT;
    const hasLine = slot.line !== undefined;
    if (slot.rest !== undefined && !hasLine) return EBADF; // its descriptor was closed
    if (isOfOtherFiles(slot, this.#readiness)) return EBADF;
    const crowded = this.#inFlight >= this.settings.crowdedAt;
    const isOrdered = how === 'in its order';
    if (crowded && isOrdered && !hasLine) return this.#startAtOnce(slot);
    const result = this.#starter.start(slot, how === 'may hold');
    if (crowded && !isOrdered && slot.state === 'inFlight') this.#stall.took(slot);
    return result;
  }

  /**
   * Interrupts the slot's call: once, for what is about to sleep may sleep all the same; so call it
   * again until it is over. One that is in the queue, or waits for its descriptor, ends here.
   */
  interrupt(slot: Slot): void {
    if (!slot.busy) return;
    slot.interrupted = true;
    if (slot.state === 'inFlight') this.#side.interrupt(this.ring.address, slot.id);
    else if (slot.state === 'waiting') this.#end(this.#readiness.leave(slot), EINTR);
    else this.#end(this.#queue.remove(slot), EINTR);
  }

  /** Sleeps until a call has ended, and tells its owner; false when timeoutMs have passed before. */
  wait(timeoutMs: number = Number.POSITIVE_INFINITY): boolean {
    const deadline = performance.now() + timeoutMs;
    const before = this.#ended;
    for (;;) {
      this.reap();
      if (this.#ended !== before) return true;
      this.#stall.look();
      const left = deadline - performance.now();
      if (left <= 0 || this.pending === 0) return false;
      const sliceMs = Math.min(left, SLICE_MS);
      if (this.#readiness.count > 0) this.#look(Math.ceil(sliceMs));
      else this.ring.wait({ timeoutMs: this.#starter.isShort ? sliceMs : left });
    }
  }

  counters(): LoopCounters {
    const [inFlight, awaitingReadiness] = [this.#inFlight, this.#readiness.count];
    return { ...this.#tally, inFlight, awaitingReadiness, waiting: this.#queue.length };
  }

  /** Interrupts what is in flight, tells all owners, and gives the thread back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    current.forget(this);
    setWorkWhileWaiting(undefined);
    for (const slot of this.#slots.busy()) slot.interrupted = true;
    this.#stall.stop();
    const waiting = [...this.#queue.takeAll(), ...this.#readiness.close()];
    this.kernel.detach();
    this.#events.close();
    this.#reap();
    for (const slot of waiting) this.#end(slot, EINTR);
    this.#slots.close();
  }
}
const current = new Current<Loop>();
let configured: LoopOptions = {};
