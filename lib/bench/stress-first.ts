import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, CaseResult } from './bench.ts';
import { handRaces } from './by-hand-races.ts';
import { interleaveAsync } from './interleave.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';
import { median, quantile, rounded } from './stats.ts';

const RUNS = 10;
const LIMIT_MS = 10_000;
const [RACES, SHORT_RACES] = [Number.POSITIVE_INFINITY, 2];
/** What a user's `syslets` runs. lib/ and dist/ lie beside bundle/: one path from both. */
const CLI = fileURLToPath(new URL('../../bundle/cli/main.js', import.meta.url));
const BY_HAND = fileURLToPath(new URL('./by-hand-main.js', import.meta.url));
const raceFile = (name: string) => fileURLToPath(new URL(`./races/${name}.js`, import.meta.url));

/** Milliseconds from the start of a process until it says so, or ends without; then it is over. */
async function timeUntil(args: readonly string[], said: RegExp): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const limit = setTimeout(() => child.kill('SIGKILL'), 2 * LIMIT_MS);
  const found = timeOf(child, said, start);
  await once(child, 'close');
  clearTimeout(limit);
  return (await found) ?? 2 * LIMIT_MS;
}

function timeOf(child: ChildProcess, said: RegExp, start: number): Promise<number | undefined> {
  let text = '';
  return new Promise((resolve) => {
    const see = (chunk: Buffer) => {
      text += chunk;
      if (said.test(text)) resolve(performance.now() - start);
    };
    child.stdout?.on('data', see);
    child.stderr?.on('data', see);
    child.once('close', () => resolve(undefined));
  });
}

async function firstSeen(name: string): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-'));
  const json = join(folder, 'result.json');
  const tool = [CLI, 'stress', raceFile(name), '--time', `${LIMIT_MS}ms`, '--json', json];
  const samples = await interleaveAsync(
    () => timeUntil(tool, /forbidden: /),
    () => timeUntil([BY_HAND, name], /wrong: /),
    { rounds: RUNS, warmUp: 1 },
  );
  rmSync(folder, { recursive: true });
  const naming = { case: `first ${name}`, unit: 'ms', baseline: 'a loop by hand' };
  return compared(naming, samples, {
    laterMs: rounded(median(samples.measured) - median(samples.baseline)),
    within10s: samples.measured.filter((ms) => ms <= LIMIT_MS).length,
    worst: rounded(quantile(samples.measured, 1)),
    byHandWorst: rounded(quantile(samples.baseline, 1)),
  });
}

export const stressFirst: Bench = {
  name: 'stress-first',
  description: 'whole processes until a race is told, beside a loop by hand',
  cases: Object.keys(handRaces)
    .slice(0, amount(RACES, SHORT_RACES))
    .map((name) => ({ name, measure: () => firstSeen(name) })),
};
