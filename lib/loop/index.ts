/**
 * What carries the calls of one thread: submission slots, calls in flight, the queue of those that
 * wait for their turn, the predictor, and the event loop's side of the completion ring.
 *
 * For those who build on it (lib/posix, lib/aio, lib/walk):
 *
 *   const loop = Loop.current();           // attaches this thread at the first use
 *   const slot = loop.next();              // the slot of the next call
 *   slot.begin(NR.pread64);                // number; memory of the slot is unused again
 *   slot.setInt(0, fd);                    // arguments 0 to 5
 *   slot.setView(1, buffer, 'buffer');     // the address, and keeps it alive and in place
 *   slot.setNumber(2, buffer.byteLength);
 *   slot.setNumber(3, offset);
 *   slot.owner = owner;                    // owner.complete(slot, result) if it does not end at once
 *   const result = loop.run(slot);         // result or -errno ...
 *   if (slot.busy) ...                     // ... unless it is in flight or queued: then complete()
 *   loop.done(slot);                       // it is free again when the call is over
 *
 * `loop.batch(nr)`: many calls of one number, made by one crossing into the addon (batch.ts).
 * `loop.waited.make(nr, ...)`: one call whose result is waited for.
 *
 * A slot from `loop.take()` stays yours, with its arguments and memory, from call to call until
 * `loop.give(slot)`. `slot.room(bytes)` gives an offset into `slot.memory.bytes` (a Buffer over shared
 * memory that never moves; SLOT_BYTES a slot), `slot.addressAt(offset)` its address; begin() makes all
 * of it unused again (do without it to run the same call once more). `complete` runs inside of some later call on the loop or from the
 * event loop: it may run calls itself; what it throws is an uncaught exception.
 *
 * `loop.wait()` sleeps until a call has ended and tells its owner: for code that does not return to
 * the event loop. `loop.full`: one more call that blocks would be queued. `loop.interrupt(slot)` interrupts a
 * call in flight (complete is told -EINTR, or its result if it had succeeded) or takes it from the
 * queue. `slot.unref`: does not keep the process alive. `slot.site`: a Site of one's own for the
 * predictor; `slot.traits`: what is known of its call, and how to ask without blocking. When as many calls as there may be are in flight, one that can be made at once
 * is (by its hint, or if it does not wait for others); all others are queued.
 */
export { addressOf, type Bytes, isDetached, lengthOf } from './addresses.ts';
export { Batch } from './batch.ts';
export { type LoopCounters, newTally } from './counters.ts';
export {
  type Hint,
  HOW,
  type How,
  type StreamHint,
  type Traits,
  traitsOf,
  type VariantHint,
} from './hint.ts';
export { Loop } from './loop.ts';
export {
  ASYNC_YIELD_MS,
  KEPT_FOR_STALLS,
  keptTasks,
  type LoopOptions,
  MOST_IN_BATCH,
} from './options.ts';
export { Site } from './site.ts';
export type { Owner, Path, Slot } from './slot.ts';
export { SLOT_BYTES } from './slot-memory.ts';
export { afterTurn, Turn } from './turn.ts';
