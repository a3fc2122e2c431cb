import { EAGAIN, SysletsError } from '../errors.ts';
import type { LoopSide } from '../kernel/index.ts';
import type { CompletionRing } from '../ring/index.ts';
import { Slot } from './slot.ts';
import { MemoryChunk } from './slot-memory.ts';

/** All slots of a loop: made when they are first needed, recycled from a list of free ones. */
export class SlotPool {
  readonly #side: LoopSide;
  readonly #ring: CompletionRing;
  readonly #most: number;
  #count = 0;
  /** By their ids: blocks of batches lie between them. */
  readonly #all: (Slot | undefined)[] = [];
  #chunk: MemoryChunk | undefined;
  #free: Slot | undefined;

  constructor(side: LoopSide, ring: CompletionRing, most: number) {
    this.#side = side;
    this.#ring = ring;
    this.#most = most;
  }

  at(id: number): Slot {
    return this.#all[id] as Slot;
  }

  /**
   * A slot for one call, until done(). It is out of the list: getters of the arguments are the
   * program's code, which may make calls before this one.
   */
  next(): Slot {
    const slot = this.#free ?? this.#make();
    this.#free = slot.behind;
    slot.behind = undefined;
    slot.state = 'next';
    return slot;
  }

  /** Back into the list, unless its call is pending or was given back. */
  done(slot: Slot): void {
    if (slot.state !== 'next') return;
    slot.state = 'free';
    slot.behind = this.#free;
    this.#free = slot;
  }

  /** The slot of a call that is pending is given back when that is over. */
  hold(slot: Slot): void {
    if (slot.state === 'next') slot.state = 'taken';
  }

  take(): Slot {
    const slot = this.next();
    this.hold(slot);
    slot.kept = true;
    slot.clear();
    return slot;
  }

  give(slot: Slot): void {
    slot.clear();
    slot.kept = false;
    slot.state = 'next';
    this.done(slot);
  }

  /** There is none any more: whoever asks for one is told that the thread is detached. */
  close(): void {
    this.#free = undefined;
  }

  *busy(): Generator<Slot> {
    for (const slot of this.#all) {
      if (slot?.busy) yield slot;
    }
  }

  #make(): Slot {
    if (this.#count >= this.#most) {
      throw new SysletsError(
        'sys',
        EAGAIN,
        `${this.#most} calls are pending, as many as maxCalls allows: await some of them`,
      );
    }
    const slot = this.alone(this.#ring);
    this.#count++;
    this.#all[slot.id] = slot;
    return slot;
  }

  /** A slot that is never in the list, with a ring of its own. */
  alone(ring: CompletionRing): Slot {
    if (this.#chunk === undefined || this.#chunk.full) this.#chunk = new MemoryChunk();
    const chunk = this.#chunk;
    return this.#side.newBlock(ring, (words, id) => new Slot(words, id, chunk));
  }
}
