import { mixSeed, type Random, random } from '../random.ts';
import type { Shard, TrialConfig } from '../report/result.ts';
import { structureConfig } from './config.ts';
import { ARMS } from './schedule.ts';

/** A while for one scenario, in a process of its own. */
export interface PlannedSession {
  /** Index of the scenario. */
  readonly scenario: number;
  readonly config: TrialConfig;
  /** All rounds in that configuration; else code and padding alone. */
  readonly isFixed: boolean;
  readonly seed: number;
  /** Its part of the time, beside that of the others. */
  readonly share: number;
}

const FULL = { ...(ARMS[0] as (typeof ARMS)[number]), jit: 'warm', padding: 'packed' } as const;

/** What a process has for all its rounds: every kind in turn, what finds most comes first. */
const KINDS: readonly Pick<TrialConfig, 'jit' | 'padding'>[] = [
  { jit: 'warm', padding: 'packed' },
  { jit: 'warm', padding: 'lines' },
  { jit: 'cold', padding: 'packed' },
  { jit: 'warm', padding: 'packed' },
];

/**
 * For scenarios whose threads cannot change their configuration: a process for each. On a busy machine
 * one placement may get nowhere, so that all have a short turn before the long ones.
 */
const TURNS: readonly TrialConfig[] = [
  // tasks are pinned where their carrier is: with one processor for both, a hand-off races with nobody
  { ...FULL, placement: 'free' },
  FULL,
  { ...FULL, placement: 'free', stride: 1024, sync: 8, order: 'shuffled' },
  { ...FULL, placement: 'one', padding: 'lines' },
  { ...FULL, placement: 'free', order: 'shuffled', padding: 'lines' },
  { ...FULL, stride: 512, sync: 1, padding: 'lines' },
  { ...FULL, placement: 'free', stride: 1024, jit: 'cold' },
  { ...FULL, placement: 'one', stride: 1024, order: 'shuffled', jit: 'cold' },
];

/** Of a structure; nothing of its threads can follow them to another processor, so these are apart first. */
const [FREE, SPREAD, ...OTHERS] = TURNS.map(structureConfig) as [TrialConfig, TrialConfig];
const STRUCTURE_TURNS: readonly TrialConfig[] = [SPREAD, FREE, ...OTHERS];

/** Sessions shorter than this are mostly starts of processes. */
const SESSION_MS = 2000;
const MAX_SESSIONS = 16;
/** The first turn of each of TURNS is so long at least, and those after them some times as long. */
const FIRST_TURN_MS = 1000;
const LATER_SHARE = 4;

export interface PlannedScenario {
  readonly index: number;
  readonly kind: SessionKind;
}

/**
 * Threads of scenarios in JavaScript alone change their configuration; native ones do not, and one
 * that gets nowhere costs a whole turn. Those of a structure are made for each session, too.
 */
export type SessionKind = 'scripted' | 'native' | 'structure';

export interface PlanOptions {
  readonly scenarios: readonly PlannedScenario[];
  readonly timeMs: number;
  readonly seed: number;
  readonly shard: Shard | null;
  /** One configuration for all. */
  readonly config?: TrialConfig | undefined;
}

/** The sessions of a run, in the order in which they are made. */
export function planSessions(options: PlanOptions): PlannedSession[] {
  const { scenarios, seed, shard, config } = options;
  const count = shard?.count ?? 1;
  const shares = config ? [1] : sharesFor(options.timeMs * count, scenarios);
  const sessions: PlannedSession[] = [];
  for (const [turn, share] of shares.entries()) {
    for (const { index, kind } of scenarios) {
      sessions.push({
        scenario: index,
        config: config === undefined ? turnConfig(kind, turn, seed) : fixed(kind, config),
        isFixed: config !== undefined || kind !== 'scripted',
        // with one configuration the seed is the user's own, so that a trial can be made again
        seed: config ? seed : mixSeed(seed, index, turn),
        share,
      });
    }
  }
  return sessions.filter((_, index) => !shard || index % count === shard.index - 1);
}

export interface TimeLeft {
  readonly leftMs: number;
  /** How long the last start took; 0 before the first. */
  readonly startMs: number;
  /** Scenarios that have had no session. */
  readonly waiting: number;
}

export interface SessionTime {
  readonly ms: number;
  /** From its first sample on, also where it starts later than was thought. */
  readonly leastMs: number;
}

/** What the shortest session has at least. */
const LEAST_SESSION_MS = 150;
/** A scenario that has samples has another session where half of that are samples, and a new one also for a moment. */
const STARTS = 2;
const STARTS_OF_FIRST = 1.25;

/**
 * How long the first of `rest`, the sessions that are left, may take with its start. Where starts are slow there are
 * fewer of them; where even one for each scenario would be mere starts, the last scenarios have none.
 */
export function sessionTime(rest: readonly PlannedSession[], time: TimeLeft): SessionTime {
  const { leftMs, startMs, waiting } = time;
  const fitting = Math.floor(leftMs / Math.max(STARTS * startMs, 1));
  const kept = rest.slice(0, Math.max(fitting, waiting, 1));
  const shares = kept.reduce((sum, { share }) => sum + share, 0);
  const evenMs = (leftMs * (rest[0]?.share ?? 1)) / shares;
  const wantedMs = Math.min(leftMs, Math.max(evenMs, STARTS_OF_FIRST * startMs));
  const ms = Math.max(LEAST_SESSION_MS, wantedMs);
  return { ms, leastMs: Math.min(ms / 2, Math.max(ms - startMs, ms / 5)) };
}

/** The `--time` with which each of so many scenarios has samples, where a start takes so long. */
export function enoughMs(scenarios: number, startMs: number): number {
  return scenarios * STARTS * startMs;
}

/** How many turns there are, and what part of the time each has. */
function sharesFor(timeMs: number, scenarios: readonly PlannedScenario[]): readonly number[] {
  const isShort = scenarios.every(({ kind }) => kind === 'native');
  const unitMs = (isShort ? FIRST_TURN_MS : SESSION_MS) * Math.max(scenarios.length, 1);
  const shares = [1];
  for (let sum = 1; shares.length < MAX_SESSIONS; ) {
    const share = isShort && shares.length >= TURNS.length ? LATER_SHARE : 1;
    sum += share;
    if (sum * unitMs > timeMs) break;
    shares.push(share);
  }
  return shares;
}

/** After each of the turns, the seed chooses. */
function turnConfig(kind: SessionKind, turn: number, seed: number): TrialConfig {
  if (kind === 'scripted') return { ...FULL, ...KINDS[turn % KINDS.length] };
  const known = (kind === 'structure' ? STRUCTURE_TURNS : TURNS)[turn];
  return known ?? fixed(kind, randomConfig(random(mixSeed(seed, 'config', turn))));
}

function fixed(kind: SessionKind, config: TrialConfig): TrialConfig {
  return kind === 'structure' ? structureConfig(config) : config;
}

function randomConfig(next: Random): TrialConfig {
  const pick = <T>(...choices: readonly T[]) => choices[next() % choices.length] as T;
  return {
    placement: pick('free', 'free', 'spread', 'one'),
    stride: 2 ** (6 + (next() % 9)),
    sync: pick(0, 0, 1, 4, 32),
    order: pick('sequential', 'shuffled'),
    jit: pick('warm', 'warm', 'cold'),
    padding: pick('packed', 'lines'),
  };
}

/** The first of the turns: what a partial `--config` is filled up with. */
export const DEFAULT_CONFIG: TrialConfig = FULL;
