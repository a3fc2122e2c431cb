import type { Repetition } from '../report/result.ts';
import { epochMs } from './epoch.ts';
import type { Round } from './round.ts';

const MOST = 10;
/** All repetitions together, but one at least: whoever waits for the report waits for them. */
const ALL_MS = 150;
/** One takes so many times as long as the first sighting took, within bounds. */
const PATIENCE = 4;
const LEAST_MS = 5;
const LONGEST_MS = 40;

/**
 * Measures how surely a round shows what it has shown: it is made again a few times, and each time
 * it either shows something forbidden within `ms`, or does not.
 */
export class Repeats {
  readonly round: Round;
  readonly #from: number;
  readonly #end: number;
  readonly #latest: number;
  #runs = 0;
  #shown = 0;
  #shownMs = 0;

  /** Rounds from number `from` on are repetitions; `tookMs`: to the first sighting. */
  constructor(round: Round, from: number, tookMs: number, until: number) {
    const ms = Math.min(Math.max(PATIENCE * tookMs, LEAST_MS), LONGEST_MS);
    this.round = { ...round, ms, untilFound: true };
    this.#from = from;
    this.#end = epochMs() + ALL_MS;
    this.#latest = until;
  }

  /** A round is over. */
  see(number: number, ms: number, isShown: boolean): void {
    if (number < this.#from) return;
    this.#runs += 1;
    this.#shown += isShown ? 1 : 0;
    this.#shownMs += ms;
  }

  get isOver(): boolean {
    const now = epochMs();
    return this.#runs >= MOST || (this.#runs > 0 && now >= this.#end) || now >= this.#latest;
  }

  /** Undefined where the time was over before one was made: that says nothing. */
  get result(): Repetition | undefined {
    if (this.#runs === 0) return undefined;
    const { ms } = this.round;
    return { runs: this.#runs, shown: this.#shown, ms, tookMs: Math.round(this.#shownMs) };
  }
}
