import {
  ACTIVE,
  BASE,
  BASE_BITS,
  BASE_HIGH,
  COST,
  CUT,
  FOUND,
  NEXT,
  ROUND,
  STOP,
  STOP_ASKED,
  SYNC,
  threadWord,
} from './control.ts';
import { MeetChoice } from './meet-choice.ts';
import type { Round } from './round.ts';
import { StrideSize } from './stride-size.ts';

/** A sample may take a millisecond or a nanosecond. */
const FIRST_ACTIVE = 2;
/** States that live on are met again soon: few of them. */
const MAX_LIVING = 64;

export interface PacerOptions {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Those whose samples' costs decide: all that run an actor in JavaScript. */
  readonly threads: readonly number[];
  /** States that there is memory for. */
  readonly capacity: number;
  readonly samplesPerState: number;
  /** Settings of a round; whether its threads may meet as suits them. */
  readonly read: (number: number) => { readonly round: Round; readonly canMeet: boolean };
}

/** The leader's choice of how long strides and rounds are, and when all is over. */
export class Pacer {
  readonly #options: PacerOptions;
  #round: Round | undefined;
  #number = 0;
  #size = new StrideSize(FIRST_ACTIVE, FIRST_ACTIVE);
  /** Of each configuration, how many states its last stride had. */
  readonly #known = new Map<string, number>();
  #key: string | undefined;
  #left = 0;
  #meets = new MeetChoice(0, false);
  #samples = 0;
  #strideStart = 0;
  #roundStart: number | undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** In which time the samples of the round, or of the one that just ended, were taken. */
  roundMs = 0;

  /** Begins a round: what the threads read before its first stride. */
  enter(number: number): void {
    const { words, capacity, samplesPerState, read } = this.#options;
    const { round, canMeet } = read(number);
    this.#number = number;
    this.#round = round;
    this.#roundStart = undefined;
    const most = samplesPerState > 1 ? MAX_LIVING : capacity;
    this.#size = new StrideSize(this.#first(round), Math.min(round.config.stride, capacity, most));
    this.#left = samplesPerState;
    this.#meets = new MeetChoice(round.config.sync, canMeet);
    Atomics.store(words, ACTIVE, this.#size.active);
    Atomics.store(words, SYNC, this.#meets.sync);
    Atomics.store(words, ROUND, number);
  }

  /** As long as the last stride in that configuration, which is left now. */
  #first(round: Round): number {
    if (this.#key !== undefined) this.#known.set(this.#key, this.#size.active);
    const { placement, stride, sync } = round.config;
    this.#key = `${placement} ${stride} ${sync}`;
    return this.#known.get(this.#key) ?? FIRST_ACTIVE;
  }

  /** Before the barrier at which a stride begins. */
  prepare(): void {
    const { words } = this.#options;
    Atomics.store(words, BASE, this.#samples % 2 ** BASE_BITS);
    Atomics.store(words, BASE_HIGH, Math.floor(this.#samples / 2 ** BASE_BITS));
  }

  begin(): void {
    this.#strideStart = performance.now();
    this.#roundStart ??= this.#strideStart;
  }

  /** A stride is over, of this thread: before it arrives at the barrier. */
  end(): void {
    const { words } = this.#options;
    const now = performance.now();
    const took = now - this.#strideStart;
    this.#samples += this.#size.active;
    this.roundMs = now - (this.#roundStart ?? now);
    const next = Atomics.load(words, NEXT);
    if (next === STOP_ASKED) Atomics.store(words, STOP, 1);
    else if (next > this.#number && this.#isOver()) this.enter(this.#number + 1);
    else this.#goOn(took);
  }

  #goOn(took: number): void {
    const { words } = this.#options;
    this.#meets.learn(took / this.#size.active);
    this.#resize();
    Atomics.store(words, ACTIVE, this.#size.active);
    Atomics.store(words, SYNC, this.#meets.sync);
  }

  #resize(): void {
    // states live on for whole lives
    if (--this.#left > 0) return;
    const { words, samplesPerState, threads } = this.#options;
    this.#left = samplesPerState;
    // of a thread that is not done yet, what the stride before has cost it
    const costs = threads.map((thread) => Atomics.load(words, threadWord(thread) + COST));
    this.#size.learn(costs);
  }

  #isOver(): boolean {
    const { words } = this.#options;
    const { ms = 0, untilFound = false } = this.#round ?? {};
    if (this.roundMs >= ms || Atomics.load(words, CUT) >= this.#number) return true;
    return untilFound && Atomics.load(words, FOUND) === this.#number + 1;
  }
}
