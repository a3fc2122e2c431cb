import { Engine, type EngineLoop, useEngine } from '../../lib/aio/engine.ts';
import { ESYSLETPENDING } from '../../lib/kernel/index.ts';
import { Loop, type Slot } from '../../lib/loop/index.ts';

/**
 * A loop whose calls are in flight until the test lets them go on, in any order: regular files that
 * block, as on a slow disk, and calls that nothing interrupts.
 */
export class SlowLoop implements EngineLoop {
  readonly asyncTurn = undefined;
  readonly held: Slot[] = [];
  /** Calls that were to be interrupted. */
  readonly interrupted: Slot[] = [];
  readonly #loop: Loop;

  constructor(loop: Loop = Loop.current()) {
    this.#loop = loop;
  }

  get ring() {
    return this.#loop.ring;
  }

  get waited() {
    return this.#loop.waited;
  }

  get closed() {
    return this.#loop.closed;
  }

  get pending() {
    return this.held.length;
  }

  take(): Slot {
    return this.#loop.take();
  }

  run(slot: Slot): number {
    slot.state = 'inFlight';
    this.held.push(slot);
    return -ESYSLETPENDING;
  }

  /** Lets the held call at this place be made, or end with `result` without being made. */
  goOn(index: number, result?: number): void {
    const [slot] = this.held.splice(index, 1);
    if (slot === undefined) throw new Error(`there is no held call ${index}`);
    slot.state = 'taken';
    const made = result ?? this.#loop.run(slot);
    if (!slot.busy) slot.owner?.complete(slot, made);
    while (this.#loop.pending > 0) this.#loop.wait();
  }

  reap(): number {
    return this.#loop.reap();
  }

  wait(): boolean {
    return false;
  }

  interrupt(slot: Slot): void {
    this.interrupted.push(slot);
  }
}

/** Runs `use` with an engine on a slow loop. */
export function withSlowLoop(use: (loop: SlowLoop) => void): void {
  const loop = new SlowLoop();
  useEngine(new Engine(loop));
  try {
    use(loop);
  } finally {
    useEngine(undefined);
  }
}
