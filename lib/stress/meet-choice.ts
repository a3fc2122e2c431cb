/** Samples that take less are never helped by a meeting. */
const SLOW_MS = 0.005;
/** So often the other way is tried again. */
const TRY_AGAIN = 32;
const WEIGHT = 0.3;

/**
 * Whether threads that share processors meet before each sample. An actor that spins for another
 * one uses up its time slice; a thread that was woken from a meeting gets the processor at once.
 * Which way takes more samples is measured.
 */
export class MeetChoice {
  readonly #sync: number;
  readonly #isFree: boolean;
  /** Milliseconds a sample: walking, meeting. */
  readonly #cost: [number, number] = [0, 0];
  #meets = 0;
  #strides = 0;

  constructor(sync: number, isFree: boolean) {
    this.#sync = sync;
    this.#isFree = isFree && sync === 0;
  }

  /** For the next stride. */
  get sync(): number {
    return this.#meets === 1 ? 1 : this.#sync;
  }

  /** What a sample of the last stride cost. */
  learn(cost: number): void {
    if (!this.#isFree) return;
    const known = this.#cost[this.#meets as 0 | 1];
    this.#cost[this.#meets as 0 | 1] = known === 0 ? cost : known + WEIGHT * (cost - known);
    this.#strides += 1;
    this.#meets = this.#next();
  }

  #next(): number {
    const [walking, meeting] = this.#cost;
    if (this.#meets === 0 && walking < SLOW_MS) return 0;
    if (meeting === 0) return 1;
    const better = meeting < walking ? 1 : 0;
    return this.#strides % TRY_AGAIN === 0 ? 1 - better : better;
  }
}
