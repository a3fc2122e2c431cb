import { type Random, random } from '../random.ts';
import type { TrialConfig } from '../report/result.ts';
import { configText } from './config.ts';

/** What of a configuration may change from round to round of a session. */
export type Arm = Pick<TrialConfig, 'placement' | 'stride' | 'sync' | 'order'>;

/** What finds most comes first: actors that run on, that meet often, on few states, on one processor. */
export const ARMS: readonly Arm[] = [
  { placement: 'spread', stride: 16_384, sync: 0, order: 'sequential' },
  { placement: 'spread', stride: 256, sync: 1, order: 'shuffled' },
  { placement: 'free', stride: 1024, sync: 8, order: 'shuffled' },
  { placement: 'spread', stride: 64, sync: 0, order: 'sequential' },
  { placement: 'one', stride: 1024, sync: 0, order: 'sequential' },
  { placement: 'spread', stride: 512, sync: 1, order: 'sequential' },
  { placement: 'free', stride: 16_384, sync: 0, order: 'shuffled' },
  { placement: 'spread', stride: 1024, sync: 32, order: 'sequential' },
  { placement: 'one', stride: 256, sync: 1, order: 'shuffled' },
];

/** Of the first pass over all arms: each pass has rounds twice as long, up to the last. */
const FIRST_ROUND_MS = 20;
const LAST_ROUND_MS = 320;

interface Yield {
  readonly arm: Arm;
  ms: number;
  readonly counts: Map<string, number>;
}

/**
 * Which configuration has the next round. Every one has its turn; between turns, those are chosen
 * that show the outcomes which others do not show.
 */
export class Schedule {
  readonly #arms: readonly Arm[];
  readonly #next: Random;
  readonly #yields = new Map<string, Yield>();
  #given = 0;
  #turn = 0;

  constructor(arms: readonly Arm[], seed: number) {
    this.#arms = arms;
    this.#next = random(seed);
  }

  /** The next round: where, and for how long. */
  next(): { readonly arm: Arm; readonly ms: number } {
    const pass = Math.floor(this.#given / this.#arms.length);
    const ms = Math.min(FIRST_ROUND_MS * 2 ** pass, LAST_ROUND_MS);
    // the first pass is everybody's turn
    const inTurn = pass === 0 || this.#given % 2 === 0;
    this.#given += 1;
    return { arm: inTurn ? this.#inTurn() : this.#rich(), ms };
  }

  /** What a round has shown. */
  learn(arm: Arm, ms: number, counts: Readonly<Record<string, number>>): void {
    const key = armText(arm);
    const known = this.#yields.get(key) ?? { arm, ms: 0, counts: new Map<string, number>() };
    known.ms += ms;
    for (const [outcome, count] of Object.entries(counts)) {
      known.counts.set(outcome, (known.counts.get(outcome) ?? 0) + count);
    }
    this.#yields.set(key, known);
  }

  #inTurn(): Arm {
    const arm = this.#arms[this.#turn % this.#arms.length] as Arm;
    this.#turn += 1;
    return arm;
  }

  /** By chance, in proportion to what each arm has shown. */
  #rich(): Arm {
    const worths = this.#worths();
    const sum = worths.reduce((total, [, worth]) => total + worth, 0);
    let left = (this.#next() / 2 ** 32) * sum;
    for (const [arm, worth] of worths) {
      left -= worth;
      if (left < 0) return arm;
    }
    return this.#inTurn();
  }

  /** Each outcome is worth 1, shared by those that show it, by how often they do. */
  #worths(): [Arm, number][] {
    const yields = [...this.#yields.values()].filter(({ ms }) => ms > 0);
    const all = new Map<string, number>();
    for (const { ms, counts } of yields) {
      for (const [outcome, count] of counts) {
        all.set(outcome, (all.get(outcome) ?? 0) + count / ms);
      }
    }
    return yields.map(({ arm, ms, counts }) => {
      let worth = 0;
      for (const [outcome, count] of counts) worth += count / ms / (all.get(outcome) ?? 1);
      return [arm, worth];
    });
  }
}

function armText(arm: Arm): string {
  return configText({ ...arm, jit: 'warm', padding: 'packed' });
}
