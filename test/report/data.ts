import type {
  MachineFacts,
  RunResult,
  ScenarioResult,
  Trial,
  TrialConfig,
} from '../../lib/report/result.ts';
import type { OutcomeRule } from '../../lib/scenario/index.ts';

/** Runs as `syslets stress` writes them, made by hand. */
export const machine: MachineFacts = {
  node: '20.17.0',
  v8: '11.3.244.8',
  platform: 'linux',
  arch: 'x64',
  release: '6.1.0',
  cpu: 'Example CPU @ 3.00GHz',
  cpus: 2,
  memoryBytes: 8 * 2 ** 30,
};

export const config: TrialConfig = {
  placement: 'spread',
  stride: 1000,
  sync: 0,
  order: 'sequential',
  jit: 'warm',
  padding: 'lines',
};

export const rules: readonly OutcomeRule[] = [
  {
    match: { exact: '0, 0' },
    expect: 'interesting',
    reason: 'both stores were late',
    model: 'allowed',
  },
  {
    match: { exact: '1, 1' },
    expect: 'acceptable',
    reason: 'both stores came first',
    model: 'allowed',
  },
  { match: { pattern: '^[01], [01]$', flags: '' }, expect: 'acceptable', reason: 'one came first' },
];

export function trial(change: Partial<Trial> = {}): Trial {
  const counts = change.counts ?? { '0, 1': 60, '1, 0': 40 };
  return {
    config,
    seed: 1,
    samples: Object.values(counts).reduce((sum, count) => sum + count, 0),
    ms: 10,
    counts,
    end: 'ok',
    command: "syslets stress litmus/sb.ts --seed 1 --config 'spread,1000'",
    notes: [],
    ...change,
  };
}

export function scenario(change: Partial<ScenarioResult> = {}): ScenarioResult {
  return {
    name: 'SB',
    file: 'litmus/sb.ts',
    source: "import { scenario } from 'syslets/scenario';\n",
    description: 'Two stores, two loads.',
    actors: ['left', 'right'],
    registers: ['r1', 'r2'],
    outcomes: rules,
    trials: [trial()],
    ...change,
  };
}

export function run(change: Partial<RunResult> = {}): RunResult {
  return {
    format: 'syslets-stress',
    version: 2,
    tool: '0.1.0',
    seed: 7,
    shard: null,
    started: '2026-01-02T03:04:05.678Z',
    ms: 1500,
    machine,
    notes: [],
    scenarios: [scenario()],
    ...change,
  };
}
