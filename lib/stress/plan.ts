import { mixSeed, type Random, random } from '../random.ts';
import type { Shard, TrialConfig } from '../report/result.ts';

/** One trial to be made: which scenario, how, and with which seed. */
export interface PlannedTrial {
  readonly scenario: number;
  readonly config: TrialConfig;
  readonly seed: number;
}

const FULL = {
  placement: 'spread',
  stride: 16_384,
  sync: 0,
  order: 'sequential',
  jit: 'warm',
  padding: 'packed',
} as const;

/** Every placement, kind of code and way to walk comes in turn, what finds most comes first. */
const TURNS: readonly TrialConfig[] = [
  FULL,
  { ...FULL, placement: 'free', stride: 1024, sync: 8, order: 'shuffled' },
  { ...FULL, placement: 'one', padding: 'lines' },
  { ...FULL, stride: 512, sync: 1, padding: 'lines' },
  { ...FULL, stride: 1024, jit: 'cold' },
  { ...FULL, placement: 'free', order: 'shuffled', padding: 'lines' },
  { ...FULL, stride: 256, sync: 1, order: 'shuffled' },
  { ...FULL, placement: 'one', stride: 1024, order: 'shuffled', jit: 'cold' },
];

/** Trials shorter than this are mostly starts of processes. */
const TRIAL_MS = 1500;
const MAX_TURNS = 64;

export interface PlanOptions {
  readonly scenarios: number;
  readonly timeMs: number;
  readonly seed: number;
  readonly shard: Shard | null;
  /** One configuration for all trials. */
  readonly config?: TrialConfig | undefined;
}

/** The trials of a run, in the order in which they are made. */
export function planTrials(options: PlanOptions): PlannedTrial[] {
  const { scenarios, seed, shard, config } = options;
  const count = shard?.count ?? 1;
  const turns = turnsFor(options.timeMs * count, scenarios);
  const trials: PlannedTrial[] = [];
  for (let turn = 0; turn < (config ? Math.min(turns, 1) : turns); turn++) {
    for (let scenario = 0; scenario < scenarios; scenario++) {
      trials.push({
        scenario,
        config: config ?? turnConfig(turn, seed),
        // with one configuration the seed is the user's own, so that a trial can be made again
        seed: config ? seed : mixSeed(seed, scenario, turn),
      });
    }
  }
  return trials.filter((_, index) => !shard || index % count === shard.index - 1);
}

function turnsFor(timeMs: number, scenarios: number): number {
  const turns = Math.floor(timeMs / (TRIAL_MS * Math.max(scenarios, 1)));
  return Math.min(Math.max(turns, 1), MAX_TURNS);
}

/** After each of TURNS has had its turn, the seed chooses. */
function turnConfig(turn: number, seed: number): TrialConfig {
  const fixed = TURNS[turn];
  return fixed ?? randomConfig(random(mixSeed(seed, 'config', turn)));
}

function randomConfig(next: Random): TrialConfig {
  const pick = <T>(...choices: readonly T[]) => choices[next() % choices.length] as T;
  return {
    placement: pick('spread', 'spread', 'free', 'one'),
    stride: 2 ** (6 + (next() % 9)),
    sync: pick(0, 0, 1, 4, 32),
    order: pick('sequential', 'shuffled'),
    jit: pick('warm', 'warm', 'cold'),
    padding: pick('packed', 'lines'),
  };
}

/** The first of the turns: what a partial `--config` is filled up with. */
export const DEFAULT_CONFIG: TrialConfig = TURNS[0] as TrialConfig;
