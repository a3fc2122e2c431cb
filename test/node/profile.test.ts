import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { trial } from './trial.ts';

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
}

interface Parts {
  readonly one: number;
  readonly two: number;
  readonly between: number;
}

/** Samples that have the function on their stack. */
function samplesUnder({ nodes, samples }: Profile, name: string): number {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const under = new Set<number>();
  const walk = (id: number): void => {
    under.add(id);
    byId.get(id)?.children?.forEach(walk);
  };
  for (const node of nodes) if (node.callFrame.functionName === name) walk(node.id);
  return samples.filter((id) => under.has(id)).length;
}

function partsOf(profiles: readonly Profile[]): Parts & { readonly all: number } {
  const sum = (count: (profile: Profile) => number) =>
    profiles.reduce((total, profile) => total + count(profile), 0);
  return {
    all: sum(({ samples }) => samples.length),
    one: sum((profile) => samplesUnder(profile, 'busyOne')),
    two: sum((profile) => samplesUnder(profile, 'busyTwo')),
    between: sum((profile) => samplesUnder(profile, 'betweenTwo')),
  };
}

/** Each part's share of the samples is its share of the time, within `slack`. */
function expectSharesOfTime(samples: Parts, times: Parts, slack = 0.1): void {
  const total = (parts: Parts) => parts.one + parts.two + parts.between;
  for (const part of ['one', 'two', 'between'] as const) {
    const [bySamples, byTime] = [samples[part] / total(samples), times[part] / total(times)];
    expect(Math.abs(bySamples - byTime), `${part}: ${bySamples} of ${byTime}`).toBeLessThan(slack);
  }
}

interface CpuProf {
  readonly times: Parts;
  readonly handOffs: number;
}

async function cpuProf(mode: 'plain' | 'carried') {
  const cwd = mkdtempSync(join(tmpdir(), 'syslets-prof-'));
  const flags = ['--cpu-prof', '--cpu-prof-name=all.cpuprofile', `--cpu-prof-dir=${cwd}`];
  const told = await trial<CpuProf>('profile', 'cpuProf', { mode, flags, cwd });
  const file = join(cwd, readdirSync(cwd)[0] ?? '');
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  rmSync(cwd, { recursive: true });
  return { ...told, samples: partsOf([profile]) };
}

// two runs are compared, and other tests share the machine: a quiet moment must be among three
const QUIET = { retry: 2, timeout: 60_000 };

test('--cpu-prof gets its samples, in the right functions', QUIET, async () => {
  const plain = await cpuProf('plain');
  const carried = await cpuProf('carried');
  console.log('--cpu-prof, samples:', JSON.stringify([plain.samples, carried]));
  expect(carried.handOffs).toBeGreaterThan(300);
  expect(carried.samples.all).toBeGreaterThanOrEqual(0.8 * plain.samples.all);
  expectSharesOfTime(carried.samples, carried.times);
});

interface InspectorRuns {
  readonly runs: readonly { readonly profiles: readonly Profile[]; readonly times: Parts }[];
  readonly handOffs: number;
}

test('inspector profiles get their samples, in the right functions', QUIET, async () => {
  const { runs, handOffs } = await trial<InspectorRuns>('profile', 'inspectorProfiles');
  const [without, during] = runs.map(({ profiles }) => partsOf(profiles));
  console.log('inspector, samples:', JSON.stringify({ without, during, handOffs }));
  expect(handOffs).toBeGreaterThan(200);
  expect(during?.all).toBeGreaterThanOrEqual(0.8 * (without?.all ?? Infinity));
  expectSharesOfTime(during as Parts, runs[1]?.times as Parts);
});

test('150 short profiles during hand-offs do no harm', async () => {
  expect(await trial('profile', 'startStop', { timeoutMs: 40_000 })).toBe('alive');
}, 60_000);
