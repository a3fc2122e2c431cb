import type { TrialConfig } from '../report/result.ts';
import { ORDERS, PLACEMENTS } from './config.ts';
import { roundWord } from './control.ts';

type Words = Int32Array<SharedArrayBuffer>;

/** A while in one configuration. A trial is all rounds of its configuration. */
export interface Round {
  readonly config: TrialConfig;
  readonly seed: number;
  readonly ms: number;
  /** It ends as soon as something forbidden was seen. */
  readonly untilFound: boolean;
}

/** Writes the settings of a round where the threads read them when it begins. */
export function writeRound(words: Words, threads: number, number: number, round: Round): void {
  const { config, seed, ms, untilFound } = round;
  const values = [
    Math.ceil(ms),
    seed | 0,
    untilFound ? 1 : 0,
    config.stride,
    config.sync,
    PLACEMENTS.indexOf(config.placement),
    ORDERS.indexOf(config.order),
  ];
  for (const [index, value] of values.entries()) {
    Atomics.store(words, roundWord(threads, number) + index, value);
  }
}

/** `fixed` has what stays the same for all rounds of a session: code and padding. */
export function readRound(
  words: Words,
  threads: number,
  number: number,
  fixed: Pick<TrialConfig, 'jit' | 'padding'>,
): Round {
  const at = (index: number) => Atomics.load(words, roundWord(threads, number) + index);
  const { jit, padding } = fixed;
  const placement = PLACEMENTS[at(5)] ?? 'free';
  const order = ORDERS[at(6)] ?? 'sequential';
  return {
    ms: at(0),
    seed: at(1) >>> 0,
    untilFound: at(2) === 1,
    config: { placement, stride: at(3), sync: at(4), order, jit, padding },
  };
}
