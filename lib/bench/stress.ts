import type { Trial, TrialConfig } from '../report/result.ts';
import { DEFAULT_CONFIG, discover, runStress } from '../stress/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';
import { stateAccess } from './stress-access.ts';
import { naiveSb, runNaive } from './stress-naive.ts';
import { type Race, races } from './stress-races.ts';

const ROUNDS = amount(3, 1);
const ROUND_MS = amount(2000, 300);
const PLAIN_MS = amount(5000, 300);
const ATOMICS_MS = amount(60_000, 300);
const RACE_MS = amount(1000, 300);
const WEAK = '0, 0';

/** One trial of a shipped scenario, its process included in the time. */
async function trialOf(name: string, timeMs: number, config: Partial<TrialConfig> = {}) {
  const result = await runStress(await discover([name]), {
    tool: 'bench',
    keepGoing: true,
    timeMs,
    seed: 1,
    config: { ...DEFAULT_CONFIG, ...config },
  });
  return result.scenarios[0]?.trials[0] as Trial;
}

function rate({ samples, ms }: { readonly samples: number; readonly ms: number }): number {
  return (samples * 1000) / ms;
}

async function sbRate(): Promise<CaseResult> {
  const samples = { measured: [] as number[], baseline: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    samples.measured.push(rate(await trialOf('litmus/sb', ROUND_MS)));
    const naive = await runNaive(naiveSb, ROUND_MS);
    samples.baseline.push(rate({ ...naive, ms: ROUND_MS }));
  }
  const baseline = 'two workers that meet by Atomics.wait';
  return compared({ case: 'sb', unit: 'samples/s', baseline }, samples);
}

/** How often the weak outcome was seen; the issue is whether at all. */
async function weak(name: string, timeMs: number, label: string): Promise<CaseResult> {
  const { counts, samples, ms } = await trialOf(name, timeMs);
  return {
    case: label,
    value: counts[WEAK] ?? 0,
    unit: `times ${WEAK}`,
    baseline: null,
    baselineValue: null,
    ratio: null,
    detail: { samples, seconds: Math.round(ms / 100) / 10 },
  };
}

/** What is seen of a bug within one second, start of everything included, and by hand. */
async function race({ name, scenario, wrong, byHand }: Race): Promise<CaseResult> {
  const { counts, samples, ms } = await trialOf(scenario, RACE_MS);
  const naive = await runNaive(byHand, RACE_MS);
  const times = (of: Readonly<Record<string, number>>) =>
    wrong.reduce((sum, outcome) => sum + (of[outcome] ?? 0), 0);
  const [value, baselineValue] = [times(counts), times(naive.counts)];
  return {
    case: `${name} in ${RACE_MS / 1000} s`,
    value,
    unit: `times ${wrong.join(' or ')}`,
    baseline: 'two workers by hand',
    baselineValue,
    ratio: baselineValue === 0 ? null : Math.round((100 * value) / baselineValue) / 100,
    detail: { samples, ms: Math.round(ms), byHand: naive.samples },
  };
}

export const stressBench: Bench = {
  name: 'stress',
  description: 'samples a second, weak outcomes and races beside two workers written by hand',
  cases: [
    sbRate,
    stateAccess,
    () => weak('litmus/sb', PLAIN_MS, `plain sb in ${PLAIN_MS / 1000} s`),
    () => weak('litmus/sb-atomics', ATOMICS_MS, `atomic sb in ${ATOMICS_MS / 1000} s`),
    ...races.map((one) => () => race(one)),
  ],
};
