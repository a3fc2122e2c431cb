import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Placement } from '../report/result.ts';
import { PLACEMENTS } from '../stress/config.ts';
import { DEFAULT_CONFIG, discover, runStress } from '../stress/index.ts';
import { allowedCpus } from '../stress/pin.ts';
import { placeOf } from '../stress/placement.ts';
import { type Bench, type Cases, notMeasured } from './bench.ts';
import { CONTROL_WORDS, MEETINGS, type Meeting, SAMPLES } from './by-hand.ts';
import type { TurnsThread } from './by-hand-turns.ts';
import { WORDS } from './flawed.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';

const ROUNDS = amount(3, 1);
const ROUND_MS = amount(800, 200);
const START_MS = 200;
const MOST_MS = 20_000;
const SEED = 1;
const FILE = fileURLToPath(new URL('./races/turns.js', import.meta.url));
const THREAD = new URL('./by-hand-turns.js', import.meta.url);

interface Case {
  readonly how: Meeting;
  readonly actors: number;
  readonly placement: Placement;
}

/** Undefined where the machine lets it take no sample. */
async function toolRate({ how, actors, placement }: Case): Promise<number | undefined> {
  const params = new Map([
    ['how', [how]],
    ['actors', [String(actors)]],
  ]);
  const found = await discover([FILE], { params });
  // the threads' start is no part of the rate, and takes its time on a busy machine
  for (let timeMs = ROUND_MS + START_MS; ; timeMs *= 2) {
    const config = { ...DEFAULT_CONFIG, placement };
    const result = await runStress(found, { tool: 'bench', timeMs, seed: SEED, config });
    const { samples = 0, ms = 0 } = result.scenarios[0]?.trials[0] ?? {};
    // by hand, time counts from the first sample on
    if (samples > 0 && ms >= ROUND_MS / 2) return (samples * 1000) / ms;
    if (timeMs > MOST_MS) return undefined;
  }
}

/** The same turns in a loop by hand, whose threads are placed alike. */
async function handRate({ how, actors, placement }: Case, meeting: Meeting): Promise<number> {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  const allowed = allowedCpus();
  const workers = Array.from({ length: actors }, (_, thread) => {
    const { cpus } = placeOf(placement, { thread, threads: actors }, SEED, allowed);
    const workerData: TurnsThread = { how, actors, thread, words, control, meeting, cpus };
    return new Worker(THREAD, { workerData });
  });
  while (Atomics.load(control, SAMPLES) === 0) await sleep(1);
  const [start, before] = [performance.now(), Atomics.load(control, SAMPLES)];
  await sleep(ROUND_MS);
  const samples = Atomics.load(control, SAMPLES) - before;
  const rate = (samples * 1000) / (performance.now() - start);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return rate;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function nameOf({ how, actors, placement }: Case): string {
  return `${actors} actors ${how}, ${placement}`;
}

async function rates(one: Case): Promise<Cases> {
  const samples = { measured: [] as number[], baseline: [] as number[] };
  let best: Meeting = 'wait';
  for (let round = 0; round < ROUNDS; round++) {
    const rate = await toolRate(one);
    if (rate === undefined) return notMeasured(nameOf(one), 'the machine is too busy for a sample');
    samples.measured.push(rate);
    const byHand = new Map<Meeting, number>();
    for (const meeting of MEETINGS) byHand.set(meeting, await handRate(one, meeting));
    const [spin = 0, wait = 0] = MEETINGS.map((meeting) => byHand.get(meeting));
    best = spin > wait ? 'spin' : 'wait';
    samples.baseline.push(Math.max(spin, wait));
  }
  const baseline = 'loop by hand, the quicker of two';
  return compared({ case: nameOf(one), unit: 'samples/s', baseline }, samples, { best });
}

const CASES: readonly Case[] = MEETINGS.flatMap((how) =>
  [2, 3, 4].flatMap((actors) => PLACEMENTS.map((placement) => ({ how, actors, placement }))),
);

export const stressRate: Bench = {
  name: 'stress-rate',
  description: 'samples a second of actors that wait for each other, beside a loop by hand',
  cases: CASES.slice(0, amount(CASES.length, 2)).map((one) => ({
    name: nameOf(one),
    measure: () => rates(one),
  })),
};
