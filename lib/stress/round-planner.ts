import { mixSeed } from '../random.ts';
import type { TrialConfig } from '../report/result.ts';
import { configText } from './config.ts';
import type { Round } from './round.ts';
import { ARMS, type Arm, Schedule } from './schedule.ts';

/** With one configuration there is nothing to change to. */
const FIXED_ROUND_MS = 250;

export interface PlannerOptions {
  readonly config: TrialConfig;
  readonly isFixed: boolean;
  readonly seed: number;
  readonly untilFound: boolean;
}

/** The rounds of a session, one after the other. */
export class RoundPlanner {
  readonly #options: PlannerOptions;
  readonly #schedule: Schedule;

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#schedule = new Schedule(ARMS, options.seed);
  }

  get longestStride(): number {
    const { config, isFixed } = this.#options;
    return isFixed ? config.stride : Math.max(...ARMS.map(({ stride }) => stride));
  }

  next(): Round {
    const { config, isFixed, seed, untilFound } = this.#options;
    if (isFixed) return { config, seed, ms: FIXED_ROUND_MS, untilFound };
    const { arm, ms } = this.#schedule.next();
    const chosen = { ...config, ...arm };
    // the same seed for the same configuration, so that its rounds are one trial
    return { config: chosen, seed: mixSeed(seed, configText(chosen)), ms, untilFound };
  }

  learn(
    config: TrialConfig,
    ms: number,
    counts: readonly Readonly<Record<string, number>>[],
  ): void {
    const { placement, stride, sync, order } = config;
    const arm: Arm = { placement, stride, sync, order };
    for (const [index, one] of counts.entries()) {
      this.#schedule.learn(arm, index === 0 ? ms : 0, one);
    }
  }
}
