import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '../report/result.ts';
import type { Bench, CaseResult } from './bench.ts';
import { amount, isShort } from './short.ts';
import { rounded } from './stats.ts';

const SECONDS = isShort ? [1] : [2, 10, 60];
const BUSY = amount(20, 2);
const CLI = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** Loops beside what is measured, as processes of their own: they end by themselves, too. */
function busyLoops(count: number, seconds: number): readonly ChildProcess[] {
  const loop = `ulimit -t ${seconds + 60}; while :; do :; done`;
  return Array.from({ length: count }, () => spawn('sh', ['-c', loop], { stdio: 'ignore' }));
}

/** By the run's own clock, which begins when the scenarios are loaded; and the whole process. */
function runFor(seconds: number): { readonly ms: number; readonly wallMs: number } {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-'));
  const json = join(folder, 'result.json');
  const start = performance.now();
  const args = [CLI, 'stress', 'wait/mutex', 'litmus/sb', '--time', `${seconds}s`, '--json', json];
  spawnSync(process.execPath, args, { stdio: 'ignore' });
  const wallMs = performance.now() - start;
  const { ms } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  rmSync(folder, { recursive: true });
  return { ms, wallMs };
}

function nameOf(seconds: number, busy: number): string {
  return `--time ${seconds}s, ${busy === 0 ? 'quiet' : `${busy} busy loops`}`;
}

function timeCase(seconds: number, busy: number): CaseResult {
  const loops = busyLoops(busy, seconds);
  const { ms, wallMs } = runFor(seconds);
  for (const loop of loops) loop.kill('SIGKILL');
  const wanted = seconds * 1000;
  return {
    case: nameOf(seconds, busy),
    value: rounded(ms),
    unit: 'ms',
    baseline: 'what was asked for',
    baselineValue: wanted,
    ratio: rounded(ms / wanted),
    detail: {
      offMs: rounded(ms - wanted),
      allowedMs: Math.max(1000, wanted / 5),
      wholeProcessMs: rounded(wallMs),
    },
  };
}

export const stressTime: Bench = {
  name: 'stress-time',
  description: 'how long a run takes beside its --time, quiet and with busy loops beside it',
  cases: [0, BUSY].flatMap((busy) =>
    SECONDS.map((seconds) => ({
      name: nameOf(seconds, busy),
      measure: () => timeCase(seconds, busy),
    })),
  ),
};
