import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sys } from '../posix/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { interleaveAsync } from './interleave.ts';
import { pipesCase } from './loop-pipes.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';
import { median, rounded } from './stats.ts';

const BYTES = 4096;
const AT_ONCE = 64;
const BATCH = 64 * 16;
const ROUNDS = 200;
const WARM_UP = 20;
/** FileHandle.read is some fifty times slower: fewer are enough. */
const HANDLE_BATCH = 256;
const HANDLE_ROUNDS = amount(12, 1);

type Subject = (fd: number, buffers: readonly Buffer[], count: number) => Promise<void> | void;

const oneAtATime: Subject = async (fd, [buffer], count) => {
  for (let i = 0; i < count; i++) await sys.pread(fd, buffer as Buffer, 0);
};

const manyAtOnce: Subject = async (fd, buffers, count) => {
  const results = new Array<ReturnType<typeof sys.pread>>(AT_ONCE);
  for (let i = 0; i < count; i += AT_ONCE) {
    for (let k = 0; k < AT_ONCE; k++) results[k] = sys.pread(fd, buffers[k] as Buffer, 0);
    for (let k = 0; k < AT_ONCE; k++) await results[k];
  }
};

const readSyncs =
  (buffers: number): Subject =>
  (fd, all, count) => {
    for (let i = 0; i < count; i++) readSync(fd, all[i % buffers] as Buffer, 0, BYTES, 0);
  };

async function handleReads(file: string, buffers: readonly Buffer[], atOnce: number) {
  const handle = await open(file);
  const samples: number[] = [];
  for (let round = 0; round < HANDLE_ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < HANDLE_BATCH; i += atOnce) {
      const reads = buffers.slice(0, atOnce).map((buffer) => handle.read(buffer, 0, BYTES, 0));
      await Promise.all(reads);
    }
    samples.push(((performance.now() - start) * 1e6) / HANDLE_BATCH);
  }
  await handle.close();
  return median(samples);
}

async function readCase(name: string, atOnce: number, measured: Subject): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-'));
  const file = join(folder, 'page');
  writeFileSync(file, Buffer.alloc(BYTES, 1));
  const fd = openSync(file, 'r');
  const buffers = Array.from({ length: atOnce }, () => Buffer.alloc(BYTES));
  try {
    const samples = await interleaveAsync(
      () => timedAsync(() => measured(fd, buffers, BATCH)),
      () => timedAsync(() => readSyncs(atOnce)(fd, buffers, BATCH)),
      { rounds: ROUNDS, warmUp: WARM_UP },
    );
    const handle = await handleReads(file, buffers, atOnce);
    const base = median(samples.baseline);
    return compared({ case: name, unit: 'ns', baseline: 'readSync' }, samples, {
      fileHandleNs: rounded(handle),
      fileHandleRatio: rounded(handle / base),
      ...mispredictions(),
    });
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
    sys.detach();
  }
}

function mispredictions() {
  const { inlineHits, inlineBlocked, dispatchReturned } = sys.counters();
  return { inlineHits, inlineBlocked, dispatchReturned };
}

async function timedAsync(run: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  const running = run();
  if (running !== undefined) await running;
  return ((performance.now() - start) * 1e6) / BATCH;
}

export const loopBench: Bench = {
  name: 'loop',
  description: 'awaited calls of sys: cached reads, and pipes whose reads all block',
  cases: [
    () => readCase('pread, one at a time', 1, oneAtATime),
    () => readCase('pread, 64 at once', AT_ONCE, manyAtOnce),
    pipesCase,
  ],
};
