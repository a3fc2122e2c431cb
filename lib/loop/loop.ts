import { ESYSLETPENDING, Kernel } from '../kernel/index.ts';
import { native } from '../native.ts';
import { CompletionBatch, CompletionRing } from '../ring/index.ts';
import { type LoopCounters, newTally, type Tally } from './counters.ts';
import { type EventSide, eventSide } from './event-side.ts';
import { type Hint, NO_VARIANT } from './hint.ts';
import { checkOptions, type LoopOptions, type LoopSettings } from './options.ts';
import { type Site, SiteTable } from './site.ts';
import type { Owner, Slot } from './slot.ts';
import { SlotPool } from './slot-pool.ts';

const EINTR = -4;
const EAGAIN = -11;
const TWO_32 = 0x1_0000_0000;
const BATCH = 64;

/**
 * What carries the calls of one thread: kernel, ring, calls in flight, the queue of those that wait
 * for their turn, and the event loop's side of the ring.
 */
export class Loop {
  readonly kernel: Kernel;
  /** Completions of all slots come here; nobody else may reap it. */
  readonly ring: CompletionRing;
  readonly settings: LoopSettings;
  readonly #slots: SlotPool;
  readonly #call: (slot: number) => number;
  readonly #send: (slot: number, observe: boolean) => number;
  readonly #sites = new SiteTable();
  readonly #tally: Tally = newTally();
  readonly #queue: Slot[] = [];
  readonly #batches: CompletionBatch[] = [];
  /** Of calls that ask whether another would block. */
  #spare: Slot | undefined;
  #syncSlot: Slot | undefined;
  #events: EventSide | undefined;
  #armed = false;
  #inFlight = 0;
  #refs = 0;
  #closed = false;

  private constructor(options: LoopOptions) {
    this.settings = checkOptions(options);
    this.ring = CompletionRing.create(this.settings.ringElements);
    this.kernel = Kernel.attach(this.settings.kernel);
    this.#slots = new SlotPool(this.kernel, this.ring, this.settings.maxCalls);
    this.#call = native().call;
    this.#send = native().dispatch;
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
      throw new Error('sys is in use: call configure() before the first call, or after close()');
    }
    configured = options;
  }

  /** This thread's loop, if there is one. */
  static get running(): Loop | undefined {
    return current;
  }

  /** The slot of calls that JavaScript waits for; its completions go to a ring of its own. */
  syncSlot(): Slot {
    this.#syncSlot ??= this.#slots.alone(CompletionRing.create(2));
    return this.#syncSlot;
  }

  /** Makes the call of syncSlot() and waits until it is over. */
  runSync(slot: Slot): number {
    for (;;) {
      const result = this.#complete(slot);
      if (result !== EINTR || !slot.restarts) return result;
      this.#tally.restarts++;
    }
  }

  /** Makes the call of a slot with a ring of its own; if it is handed over, waits for it. */
  #complete(slot: Slot): number {
    const result = this.#call(slot.call.slot);
    return slot.handedOver ? this.#waitFor(slot) : result;
  }

  #waitFor(slot: Slot): number {
    const ring = slot.call.ring as CompletionRing;
    const batch = new CompletionBatch(1);
    this.#tally.handOffs++;
    this.#pinned(slot);
    ring.wait();
    ring.reapInto(batch);
    slot.setResult(batch.words[0] as number, batch.words[1] as number);
    return batch.status(0);
  }

  /** Calls in flight and in the queue. */
  get pending(): number {
    return this.#inFlight + this.#queue.length;
  }

  /** A call would have to wait for another to end. */
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
   * if it is over; else slot.state is 'inFlight' or 'queued' and slot.owner, which must be set until
   * then, is told later. The result is meaningless then.
   */
  run(slot: Slot): number {
    if (this.full) return this.#enqueue(slot);
    return this.#start(slot);
  }

  #start(slot: Slot): number {
    const site = slot.site ?? this.#sites.find(slot.nr, slot.firstArgument);
    if (site?.expectsBlock && this.settings.predict) return this.#expected(slot, site);
    return this.#inline(slot, site);
  }

  #inline(slot: Slot, site: Site | undefined): number {
    const result = this.#call(slot.call.slot);
    if (result === -ESYSLETPENDING && slot.handedOver) return this.#handedOver(slot, site);
    this.#tally.inlineHits++;
    if (site !== undefined) site.sawReturn();
    return result;
  }

  #handedOver(slot: Slot, site: Site | undefined): number {
    const known = site ?? this.#sites.make(slot.nr, slot.firstArgument);
    if (!known.expectsBlock) this.#tally.inlineBlocked++;
    known.sawBlock();
    this.#tally.handOffs++;
    this.#pinned(slot);
    this.#fly(slot);
    return -ESYSLETPENDING;
  }

  /** A call that is expected to block. */
  #expected(slot: Slot, site: Site): number {
    const prediction = site.predict();
    if (prediction === 'inline' || prediction === 'probe') {
      this.#tally.probes++;
      return this.#inline(slot, site);
    }
    const { hint } = slot;
    if (hint === undefined || site.noHint) {
      return this.#dispatch(slot, site, prediction === 'observe');
    }
    return this.#tryNow(slot, site, hint, prediction === 'observe');
  }

  /** Asks without blocking first: what is there already costs no thread. */
  #tryNow(slot: Slot, site: Site, hint: Hint, observe: boolean): number {
    this.#spare ??= this.#slots.alone(CompletionRing.create(2));
    hint.prepare(slot, this.#spare);
    const result = this.#complete(this.#spare);
    if (hint.kind === 'ready') {
      return result > 0 ? this.#inline(slot, site) : this.#dispatch(slot, site, observe);
    }
    if (NO_VARIANT.includes(result)) site.noHint = true;
    else if (result !== EAGAIN && (!hint.whole || result <= 0 || result === slot.argument(2))) {
      this.#tally.nowaitHits++;
      slot.setResult(result | 0, Math.floor(result / TWO_32));
      return result;
    }
    return this.#dispatch(slot, site, observe);
  }

  /** Sends the call to a waiting task; where none can be had, it runs inline. */
  #dispatch(slot: Slot, site: Site, observe: boolean): number {
    const result = this.#send(slot.call.slot, observe);
    if (!slot.handedOver || result !== -ESYSLETPENDING) return this.#inline(slot, site);
    this.#tally.dispatches++;
    slot.observed = observe ? site : undefined;
    this.#pinned(slot);
    this.#fly(slot);
    return result;
  }

  /** From now on what the call uses must stay, also when the program transfers it. */
  #pinned(slot: Slot): void {
    if (slot.pin === undefined) return;
    native().pin(slot.pins === undefined ? [slot.pin] : [slot.pin, ...slot.pins]);
  }

  #fly(slot: Slot): void {
    if (slot.state !== 'queued') this.#hold(slot);
    slot.state = 'inFlight';
    this.#inFlight++;
    this.#arm();
  }

  #enqueue(slot: Slot): number {
    this.#hold(slot);
    slot.state = 'queued';
    this.#queue.push(slot);
    this.#tally.queued++;
    return -ESYSLETPENDING;
  }

  /** The slot is not the next one any more, and the process stays alive for it. */
  #hold(slot: Slot): void {
    this.#slots.hold(slot);
    if (!slot.unref && this.#refs++ === 0) this.#eventSide().ref(true);
  }

  #eventSide(): EventSide {
    this.#events ??= eventSide(this.ring, this.#onReady);
    return this.#events;
  }

  readonly #onReady = (): void => {
    this.#armed = false;
    this.#tally.wakeUps++;
    this.reap();
    if (this.#inFlight > 0 && !this.#closed) this.#arm();
  };

  /**
   * Arming looks at the ring once more (partner: the completer's barrier between its store and its
   * look at the mark). What is there already is not reaped here: the owner of the call that brought
   * us here is not told before run() returns.
   */
  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    if (!this.#eventSide().arm()) setImmediate(this.#onReady);
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
    this.#drain();
    return count;
  }

  #completed(batch: CompletionBatch, index: number): void {
    const slot = this.#slots.at(batch.callerData(index));
    this.#inFlight--;
    const at = index * 4;
    slot.setResult(batch.words[at] as number, batch.words[at + 1] as number);
    this.#over(slot, batch.status(index));
  }

  #over(slot: Slot, result: number): void {
    if (slot.observed !== undefined) this.#learn(slot, slot.observed);
    if (result === EINTR && slot.restarts && !slot.interrupted) this.#again(slot);
    else this.#end(slot, result);
  }

  /** Would the call have blocked? */
  #learn(slot: Slot, site: Site): void {
    this.#tally.dispatchesObserved++;
    slot.observed = undefined;
    if (slot.call.slept) {
      site.sawBlock();
    } else {
      this.#tally.dispatchReturned++;
      site.sawReturn();
    }
  }

  #again(slot: Slot): void {
    this.#tally.restarts++;
    slot.state = 'queued';
    const result = this.#start(slot);
    if ((slot.state as string) === 'queued') this.#over(slot, result);
  }

  #end(slot: Slot, result: number): void {
    slot.state = 'taken';
    if (!slot.unref && --this.#refs === 0) this.#events?.ref(false);
    const { owner } = slot;
    if (owner !== undefined) tell(owner, slot, result);
    if (!slot.kept) this.give(slot);
  }

  /** Starts what waits, in order, as far as there is room. */
  #drain(): void {
    while (this.#queue.length > 0 && this.#inFlight < this.settings.maxInFlight) {
      const slot = this.#queue.shift() as Slot;
      const result = this.#start(slot);
      if ((slot.state as string) === 'queued') this.#over(slot, result);
    }
  }

  /** Sleeps until a call has ended, and tells its owner; false when timeoutMs have passed before. */
  wait(timeoutMs: number = Number.POSITIVE_INFINITY): boolean {
    if (this.#inFlight === 0 && this.ring.unread === 0) return false;
    if (!this.ring.wait({ timeoutMs })) return false;
    return this.reap() > 0;
  }

  counters(): LoopCounters {
    return { ...this.#tally, inFlight: this.#inFlight, waiting: this.#queue.length };
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
      this.#queue.splice(this.#queue.indexOf(slot), 1);
      this.#end(slot, EINTR);
    }
  }

  /** Interrupts what is in flight, tells all owners, and gives the thread back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (current === this) {
      current = undefined;
      process.off('exit', closeCurrent);
    }
    const waiting = this.#queue.splice(0);
    for (const slot of this.#slots.busy()) slot.interrupted = true;
    this.kernel.detach();
    this.#events?.close();
    this.reap();
    for (const slot of waiting) this.#end(slot, EINTR);
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

/** Promises that are pending when a thread ends are rejected while its JavaScript still runs. */
function closeCurrent(): void {
  current?.close();
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
