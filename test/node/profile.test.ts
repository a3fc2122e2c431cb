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

interface Tally extends Parts {
  readonly all: number;
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

function partsOf(profiles: readonly Profile[]): Tally {
  const sum = (count: (profile: Profile) => number) =>
    profiles.reduce((total, profile) => total + count(profile), 0);
  return {
    all: sum(({ samples }) => samples.length),
    one: sum((profile) => samplesUnder(profile, 'busyOne')),
    two: sum((profile) => samplesUnder(profile, 'busyTwo')),
    between: sum((profile) => samplesUnder(profile, 'betweenTwo')),
  };
}

const total = (parts: Parts) => parts.one + parts.two + parts.between;

/**
 * The two functions share their samples as they share their time. Hand-offs get more than theirs:
 * the sampling thread runs when a processor becomes free. Plain Node with Atomics.wait in place of
 * hand-offs shows the same: 24 % of the samples for 14 % of the time.
 */
function expectRightFunctions(samples: Parts, times: Parts): void {
  const half = (parts: Parts) => parts.one / (parts.one + parts.two);
  expect(Math.abs(half(samples) - half(times))).toBeLessThan(0.1);
  const between = (parts: Parts) => parts.between / total(parts);
  expect(between(samples) - between(times)).toBeLessThan(0.35);
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

// Two runs are compared, and other tests share the machine: one of three attempts must be a quiet
// one. A crash in any of them fails.
async function quiet<T>(measure: () => Promise<T>, enough: (measured: T) => boolean): Promise<T> {
  const first = await measure();
  if (enough(first)) return first;
  const second = await measure();
  return enough(second) ? second : measure();
}

const ENOUGH = 0.8;

async function bothCpuProfs() {
  const [plain, carried] = [await cpuProf('plain'), await cpuProf('carried')];
  console.log('--cpu-prof, samples:', JSON.stringify([plain.samples, carried]));
  return { plain, carried, ratio: carried.samples.all / plain.samples.all };
}

test('--cpu-prof gets its samples, in the right functions', async () => {
  const { carried, ratio } = await quiet(bothCpuProfs, (both) => both.ratio >= ENOUGH);
  expect(carried.handOffs).toBeGreaterThan(300);
  expect(ratio).toBeGreaterThanOrEqual(ENOUGH);
  expectRightFunctions(carried.samples, carried.times);
}, 90_000);

interface InspectorRuns {
  readonly runs: readonly { readonly profiles: readonly Profile[]; readonly times: Parts }[];
  readonly handOffs: number;
}

async function inspectorRuns() {
  const { runs, handOffs } = await trial<InspectorRuns>('profile', 'inspectorProfiles');
  const [without, during] = runs.map(({ profiles }) => partsOf(profiles)) as [Tally, Tally];
  console.log('inspector, samples:', JSON.stringify({ without, during, handOffs }));
  return { during, times: runs[1]?.times as Parts, handOffs, ratio: during.all / without.all };
}

test('inspector profiles get their samples, in the right functions', async () => {
  const measured = await quiet(inspectorRuns, ({ ratio }) => ratio >= ENOUGH);
  expect(measured.handOffs).toBeGreaterThan(200);
  expect(measured.ratio).toBeGreaterThanOrEqual(ENOUGH);
  expectRightFunctions(measured.during, measured.times);
}, 90_000);

test('150 short profiles during hand-offs do no harm', async () => {
  expect(await trial('profile', 'startStop', { timeoutMs: 40_000 })).toBe('alive');
}, 60_000);
