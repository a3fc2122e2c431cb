import type { Trial } from '../report/result.ts';
import { DEFAULT_CONFIG, discover, runStress } from '../stress/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { compared } from './result.ts';
import { naiveSb, runNaive } from './stress-naive.ts';

const ROUNDS = 3;
const ROUND_MS = 3000;

/** Three threads with four calls each, of structures that are shipped. */
const PROGRAMS: readonly (readonly [name: string, program: string])[] = [
  [
    'structures/semaphore',
    'release(), tryAcquire(), release(), tryAcquire() | tryAcquire(), release(), tryAcquire(), release() | release(), release(), tryAcquire(), tryAcquire()',
  ],
  [
    'structures/channel',
    'trySend(1), trySend(2), tryReceive(), trySend(3) | tryReceive(), trySend(4), tryReceive(), tryReceive() | trySend(5), tryReceive(), trySend(6), tryReceive()',
  ],
  [
    'structures/seqlock',
    'write(1, 1), write(2, 3), write(4, 2), write(3, 3) | read(), read(), read(), read() | read(), read(), read(), read()',
  ],
];

/** Histories that were made, recorded and checked, by the trial's own clock. */
async function trialOf(name: string, program: string): Promise<Trial> {
  const result = await runStress(await discover([name]), {
    tool: 'bench',
    timeMs: ROUND_MS,
    seed: 1,
    config: DEFAULT_CONFIG,
    program,
  });
  return result.scenarios[0]?.trials[0] as Trial;
}

async function historyRate(name: string, program: string): Promise<CaseResult> {
  const samples = { measured: [] as number[], baseline: [] as number[] };
  let counts: Readonly<Record<string, number>> = {};
  for (let round = 0; round < ROUNDS; round++) {
    const trial = await trialOf(name, program);
    counts = trial.counts;
    samples.measured.push((trial.samples * 1000) / trial.ms);
    const naive = await runNaive(naiveSb, ROUND_MS);
    samples.baseline.push((naive.samples * 1000) / ROUND_MS);
  }
  const baseline = 'two workers that meet by Atomics.wait, and check nothing';
  return compared({ case: `${name} 3 x 4`, unit: 'histories/s', baseline }, samples, counts);
}

export const linearizabilityBench: Bench = {
  name: 'linearizability',
  description: 'histories of three threads and four calls each, made, recorded and checked',
  cases: PROGRAMS.map(
    ([name, program]) =>
      () =>
        historyRate(name, program),
  ),
};
