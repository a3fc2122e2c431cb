import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grade, Merge, type RunResult, readResult, type Trial } from '../report/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { interleave } from './interleave.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';
import { median } from './stats.ts';

const MEGABYTE = 1_000_000;
/** Of a file that is as large as its case says. */
const PART = amount(1, 0.02);
const SCENARIOS = 30;

/** A trial of the size that they have: some 500 bytes. */
function trial(seed: number): Trial {
  const counts = { '0, 0': seed % 1000, '0, 1': 500_000, '1, 0': 499_000, '1, 1': seed % 777 };
  return {
    config: {
      placement: seed % 2 ? 'spread' : 'one',
      stride: 10 ** ((seed % 4) + 1),
      sync: seed % 3,
      order: seed % 5 ? 'shuffled' : 'sequential',
      jit: seed % 7 ? 'warm' : 'cold',
      padding: seed % 11 ? 'lines' : 'packed',
    },
    seed,
    samples: Object.values(counts).reduce((sum, count) => sum + count, 0),
    ms: 50 + (seed % 100) / 7,
    counts,
    end: 'ok',
    command: `syslets stress dist/scenarios/litmus/sb.js --seed ${seed} --config spread,1000,0,shuffled,warm,lines`,
    notes: [],
  };
}

/** A run whose file has about so many bytes. */
function runOf(bytes: number, seed: number): RunResult {
  const each = JSON.stringify(trial(seed)).length + 1;
  const trials = Math.ceil(bytes / each / SCENARIOS);
  return {
    format: 'syslets-stress',
    version: 2,
    tool: '0.1.0',
    seed,
    shard: null,
    started: '2026-01-01T00:00:00.000Z',
    ms: 1000,
    machine: {
      node: process.versions.node,
      v8: process.versions.v8,
      platform: process.platform,
      arch: process.arch,
      release: '0',
      cpu: 'none',
      cpus: 2,
      memoryBytes: 0,
    },
    notes: [],
    scenarios: Array.from({ length: SCENARIOS }, (_, i) => ({
      name: `scenario ${i}`,
      file: `scenario-${i}.ts`,
      source: 'x'.repeat(2000),
      description: '',
      actors: ['a', 'b'],
      registers: ['r1', 'r2'],
      outcomes: [
        { match: { exact: '0, 0' }, expect: 'interesting', reason: 'both late' },
        {
          match: { pattern: '^[01], [01]$', flags: '' },
          expect: 'acceptable',
          reason: 'any order',
        },
      ],
      trials: Array.from({ length: trials }, (_, t) => trial(seed + i * trials + t)),
    })),
  };
}

/** What `syslets report` does with its files, without the printing. */
function report(files: readonly string[]): void {
  const merge = new Merge();
  for (const file of files) merge.add(readResult(file), file);
  if (grade(merge.result()).samples === 0) throw new Error('nothing was read');
}

function parseAlone(files: readonly string[]): void {
  for (const file of files) JSON.parse(readFileSync(file, 'utf8'));
}

/** Milliseconds for each megabyte that `read` takes. */
function perMegabyte(files: readonly string[], bytes: number, read: typeof report): number {
  const start = performance.now();
  read(files);
  return ((performance.now() - start) * MEGABYTE) / bytes;
}

function sizeCase(megabytes: number, count: number, rounds: number): () => CaseResult {
  const name = count === 1 ? `${megabytes} MB` : `${count} files of ${megabytes / count} MB`;
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-'));
    try {
      const bytes = megabytes * MEGABYTE * PART;
      const size = bytes / count;
      const files = Array.from({ length: count }, (_, i) => join(folder, `${i}.json`));
      for (const [i, file] of files.entries()) writeFileSync(file, JSON.stringify(runOf(size, i)));
      const samples = interleave(
        () => perMegabyte(files, bytes, report),
        () => perMegabyte(files, bytes, parseAlone),
        { rounds, warmUp: 1 },
      );
      const naming = { case: name, unit: 'ms/MB', baseline: 'JSON.parse of the same files' };
      return compared(naming, samples, {
        wholeMs: Math.round((median(samples.measured) * bytes) / MEGABYTE),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

export const reportBench: Bench = {
  name: 'report',
  description: 'reading, merging and grading of result files, which is linear in their size',
  cases: [sizeCase(1, 1, 20), sizeCase(10, 1, 8), sizeCase(100, 1, 3), sizeCase(100, 100, 3)],
};
