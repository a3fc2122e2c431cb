import { Kernel } from '../kernel/index.ts';
import { native } from '../native.ts';
import { CompletionBatch, CompletionRing } from '../ring/index.ts';
import { type LoopCounters, newTally, type Tally } from './counters.ts';
import { EventSide } from './event-side.ts';
import { checkOptions, type LoopOptions, type LoopSettings } from './options.ts';
import { Pins } from './pins.ts';
import type { Owner, Slot } from './slot.ts';
import { SlotPool } from './slot-pool.ts';
import { Starter } from './starter.ts';
import { Turn } from './turn.ts';
import { WaitedCalls } from './waited-calls.ts';

const EINTR = -4;
const EFAULT = -14;
const BATCH = 64;
const PENDING = 0;

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
  readonly #slots: SlotPool;
  readonly #starter: Starter;
  readonly #events: EventSide;
  readonly #pins = new Pins();
  readonly #tally: Tally = newTally();
  readonly #batches: CompletionBatch[] = [];
  #queue: Slot[] = [];
  /** Slots of #queue that have gone out already. */
  #gone = 0;
  #inFlight = 0;
  #closed = false;

  private constructor(options: LoopOptions) {
    this.settings = checkOptions(options);
    const { asyncYieldMs, directYieldMs } = this.settings;
    this.asyncTurn = asyncYieldMs > 0 ? new Turn(asyncYieldMs) : undefined;
    this.directTurn = directYieldMs > 0 ? this.asyncTurn : undefined;
    this.ring = CompletionRing.create(this.settings.ringElements);
    this.kernel = Kernel.attach(this.settings.kernel);
    this.#slots = new SlotPool(this.kernel, this.ring, this.settings.maxCalls);
    this.waited = new WaitedCalls(this.#slots, this.#pins, this.#tally);
    this.#events = new EventSide(this.ring, () => this.#woken());
    this.#starter = new Starter(
      this.#tally,
      this.#pins,
      this.waited,
      this.settings.predict,
      (slot) => this.#fly(slot),
    );
    this.#openEvents();
  }

  #openEvents(): void {
    try {
      this.#events.open();
    } catch (error) {
      this.kernel.detach();
      throw error;
    }
  }

  /** Attaches the calling thread. Loop.current() is what everybody but tests uses. */
  static start(options: LoopOptions = {}): Loop {
    return new Loop(options);
  }

  /** This thread's loop; the first use, and the first after close(), attaches. */
  static current(): Loop {
    return current ?? startCurrent();
  }

  /** Options of this thread's loop, before its first use. */
  static configure(options: LoopOptions): void {
    checkOptions(options);
    if (current !== undefined) {
      throw new Error('sys is in use: call configure() before the first call, or after detach()');
    }
    configured = options;
  }

  /** This thread's loop, if there is one. */
  static get running(): Loop | undefined {
    return current;
  }

  /** Calls in flight and in the queue. */
  get pending(): number {
    return this.#inFlight + this.#waiting;
  }

  get #waiting(): number {
    return this.#queue.length - this.#gone;
  }

  /** A call that blocks would have to wait for another to end. */
  get full(): boolean {
    return this.#inFlight >= this.settings.maxInFlight || this.#queue.length > 0;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The slot that the next call uses. It is not taken: when run() was given it and ended at once it
   * is free again; so nothing may come between next() and run(). Reaps what is there before.
   */
  next(): Slot {
    if (this.ring.unread !== 0) this.reap();
    return this.#slots.next();
  }

  /** A slot of one's own, until give(). */
  take(): Slot {
    return this.#slots.take();
  }

  give(slot: Slot): void {
    this.#slots.give(slot);
  }

  /**
   * Makes the slot's call, inline or on another task as the predictor says. Its result or -errno,
   * if it is over; else slot.busy is true, the number means nothing, and slot.owner is told later.
   */
  run(slot: Slot): number {
    return this.full ? this.#runCrowded(slot) : this.#starter.start(slot);
  }

  /**
   * What can be made at once does not wait behind what blocks: those that wait might wait for it.
   * Some tasks are kept for such calls, in case that they block all the same.
   */
  #runCrowded(slot: Slot): number {
    if (this.#inFlight >= this.settings.mostInFlight) return this.#enqueue(slot);
    return this.#starter.startAtOnce(slot) ?? this.#enqueue(slot);
  }

  #enqueue(slot: Slot): number {
    this.#hold(slot);
    slot.state = 'queued';
    this.#queue.push(slot);
    this.#tally.queued++;
    return PENDING;
  }

  /** The slot is not the next one any more, and the process stays alive for it. */
  #hold(slot: Slot): void {
    this.#slots.hold(slot);
    if (!slot.unref) this.#events.ref();
  }

  #fly(slot: Slot): void {
    if (slot.state !== 'queued') this.#hold(slot);
    slot.state = 'inFlight';
    this.#inFlight++;
    this.#events.arm();
  }

  #woken(): void {
    if (this.#closed) return;
    this.#tally.wakeUps++;
    this.reap();
    if (this.#inFlight > 0) this.#events.arm();
  }

  /** Ends all calls whose completions are there; how many. Owners are told here. */
  reap(): number {
    const batch = this.#batches.pop() ?? new CompletionBatch(BATCH);
    let count = 0;
    do {
      this.ring.reapInto(batch);
      for (let i = 0; i < batch.length; i++) this.#completed(batch, i);
      count += batch.length;
    } while (batch.length === batch.capacity);
    this.#batches.push(batch);
    this.#pins.release();
    this.#drain();
    return count;
  }

  #completed(batch: CompletionBatch, index: number): void {
    const slot = this.#slots.at(batch.callerData(index));
    this.#inFlight--;
    slot.setResult(batch.words[index * 4] as number, batch.words[index * 4 + 1] as number);
    this.#starter.learn(slot);
    this.#end(slot, batch.status(index));
  }

  #end(slot: Slot, result: number): void {
    slot.state = 'taken';
    if (!slot.unref) this.#events.unref();
    const { owner } = slot;
    if (owner !== undefined) tell(owner, slot, result);
    if (!slot.kept) this.give(slot);
  }

  /** Starts what waits, in order, as far as there is room. */
  #drain(): void {
    while (this.#waiting > 0 && this.#startFirst(this.#queue[this.#gone] as Slot));
    if (this.#waiting > 0 && this.#gone < this.#queue.length / 2) return;
    this.#queue = this.#queue.slice(this.#gone);
    this.#gone = 0;
  }

  /** false: it has to wait on. */
  #startFirst(slot: Slot): boolean {
    if (this.#inFlight >= this.settings.mostInFlight) return false;
    const result = this.#startQueued(slot);
    if (result === undefined) return false;
    this.#gone++; // before its owner is told, who may make calls and so come here again
    if (!isInFlight(slot)) this.#end(slot, result);
    return true;
  }

  /** Nobody held its memory while it waited: it is not made if that was transferred. */
  #startQueued(slot: Slot): number | undefined {
    if (slot.lost) return EFAULT;
    const crowded = this.#inFlight >= this.settings.maxInFlight;
    return crowded ? this.#starter.startAtOnce(slot) : this.#starter.start(slot);
  }

  /**
   * Interrupts the slot's call: once, for what is about to sleep may sleep all the same; so call it
   * again until it is over. One that is in the queue ends here.
   */
  interrupt(slot: Slot): void {
    if (slot.state === 'inFlight') {
      slot.interrupted = true;
      native().interrupt(this.ring.address, slot.id);
    } else if (slot.state === 'queued') {
      slot.interrupted = true;
      this.#queue.splice(this.#queue.indexOf(slot, this.#gone), 1);
      this.#end(slot, EINTR);
    }
  }

  /** Sleeps until a call has ended, and tells its owner; false when timeoutMs have passed before. */
  wait(timeoutMs: number = Number.POSITIVE_INFINITY): boolean {
    if (this.#inFlight === 0 && this.ring.unread === 0) return false;
    if (!this.ring.wait({ timeoutMs })) return false;
    return this.reap() > 0;
  }

  counters(): LoopCounters {
    return { ...this.#tally, inFlight: this.#inFlight, waiting: this.#waiting };
  }

  /** Interrupts what is in flight, tells all owners, and gives the thread back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (current === this) forgetCurrent();
    const waiting = this.#queue.slice(this.#gone);
    this.#queue = [];
    this.#gone = 0;
    for (const slot of this.#slots.busy()) slot.interrupted = true;
    this.kernel.detach();
    this.#events.close();
    this.reap();
    for (const slot of waiting) this.#end(slot, EINTR);
  }
}

/** Asked by a function, since the compiler does not know that start() may change it. */
function isInFlight(slot: Slot): boolean {
  return slot.state === 'inFlight';
}

/** What an owner throws is its own affair: the other completions of the batch must not be lost. */
function tell(owner: Owner, slot: Slot, result: number): void {
  try {
    owner.complete(slot, result);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

let current: Loop | undefined;
let configured: LoopOptions = {};

function startCurrent(): Loop {
  const loop = Loop.start(configured);
  current = loop;
  process.once('exit', closeCurrent);
  return loop;
}

function forgetCurrent(): void {
  current = undefined;
  process.off('exit', closeCurrent);
}

/** Promises that are pending when a thread ends are rejected while its JavaScript still runs. */
function closeCurrent(): void {
  current?.close();
}
