import { ACTIVE, BASE, BASE_BITS, BASE_HIGH, STOP, WARMING } from './control.ts';

/** Shorter strides cost too much at barriers, longer ones are stopped too late. */
const SHORT_MS = 2;
const LONG_MS = 10;
const FIRST_ACTIVE = 32;

/** Optimised code: after so long and so many samples, but not at the cost of most of the trial. */
const WARM_MS = 150;
const WARM_SAMPLES = 20_000;
const WARM_SHARE = 0.3;

export interface PacerOptions {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly stride: number;
  readonly ms: number;
  readonly warm: boolean;
  /** Called once, when counting begins. */
  readonly onCounting: () => void;
}

/** The leader's choice of how long strides are, when counting begins and when all is over. */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #start = performance.now();
  #active: number;
  #strideStart = 0;
  #samples = 0;
  #countingSince: number | undefined;
  #countedUntil = 0;

  constructor(options: PacerOptions) {
    const { words, stride, warm } = options;
    this.#options = options;
    this.#active = Math.min(FIRST_ACTIVE, stride);
    Atomics.store(words, ACTIVE, this.#active);
    Atomics.store(words, WARMING, warm ? 1 : 0);
  }

  /** In which time the counted samples were taken. */
  get countedMs(): number {
    return this.#countingSince === undefined ? 0 : this.#countedUntil - this.#countingSince;
  }

  /** Before the barrier at which a stride begins. */
  prepare(): void {
    const { words } = this.#options;
    Atomics.store(words, BASE, this.#samples % 2 ** BASE_BITS);
    Atomics.store(words, BASE_HIGH, Math.floor(this.#samples / 2 ** BASE_BITS));
  }

  /** A stride begins whose outcomes are counted, or not yet. */
  begin(isCounted: boolean): void {
    this.#strideStart = performance.now();
    if (!isCounted || this.#countingSince !== undefined) return;
    this.#countingSince = this.#strideStart;
    this.#options.onCounting();
  }

  /** A stride is over, of this thread: before it arrives at the barrier. */
  end(): void {
    const { words, stride, ms } = this.#options;
    const now = performance.now();
    this.#samples += this.#active;
    const took = now - this.#strideStart;
    this.#countedUntil = now;
    if (took < SHORT_MS) this.#active = Math.min(this.#active * 2, stride);
    else if (took > LONG_MS) this.#active = Math.max(this.#active >> 1, 1);
    Atomics.store(words, ACTIVE, this.#active);
    if (this.#isWarm(now)) Atomics.store(words, WARMING, 0);
    if (this.#countingSince !== undefined && now - this.#countingSince >= ms) {
      Atomics.store(words, STOP, 1);
    }
  }

  #isWarm(now: number): boolean {
    const took = now - this.#start;
    const { ms } = this.#options;
    return (
      took >= ms * WARM_SHARE || (took >= Math.min(WARM_MS, ms) && this.#samples >= WARM_SAMPLES)
    );
  }
}
