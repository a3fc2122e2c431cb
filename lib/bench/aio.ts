import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aiocb, aioError, aioRead, aioReturn, aioSuspend } from '../aio/index.ts';
import { Loop } from '../loop/index.ts';
import { type Bench, type CaseResult, type Cases, notMeasured } from './bench.ts';
import { interleave, timed } from './interleave.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';

const { EINPROGRESS } = constants.errno;
const BYTES = 4096;
const BLOCKS = 256;
const READS = amount(6400, 640);
/** Batches of each in a row, after one that is not counted: threads and caches are there then. */
const BATCHES = 3;
const ROUNDS = 30;
const WARM_UP = 5;

/** lib/ and dist/ lie beside each other: one path from both. */
const SOURCE = fileURLToPath(new URL('../../lib/bench/aio-glibc.c', import.meta.url));

/** As batch() in aio-glibc.c: `depth` reads in flight at a time, one block after the other. */
function batch(cbs: readonly Aiocb[], count: number): void {
  const depth = cbs.length;
  let block = 0;
  for (let done = 0; done < count; done += depth) {
    for (let i = 0; i < depth; i++) {
      const cb = cbs[i] as Aiocb;
      cb.aio_offset = block * BYTES;
      block = (block + 1) % BLOCKS;
      aioRead(cb);
    }
    for (let i = 0; i < depth; i++) finish(cbs[i] as Aiocb);
  }
}

function finish(cb: Aiocb): void {
  while (aioError(cb) === EINPROGRESS) aioSuspend([cb]);
  const bytes = aioReturn(cb);
  if (bytes !== BYTES) throw new Error(`a read gave ${bytes} bytes, not ${BYTES}`);
}

/** Compiles the baseline and makes the file, both in a folder of their own. */
function withFiles<T>(use: (program: string, file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-'));
  const [program, file] = [join(folder, 'aio-glibc'), join(folder, 'blocks')];
  try {
    execFileSync('cc', ['-std=c11', '-O2', '-o', program, SOURCE, '-lrt']);
    writeFileSync(file, new Uint8Array(BLOCKS * BYTES));
    readFileSync(file);
    return use(program, file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ours(cbs: readonly Aiocb[]): readonly number[] {
  batch(cbs, READS);
  return Array.from({ length: BATCHES }, () => timed(READS, (count) => batch(cbs, count)));
}

function glibc(program: string, file: string, depth: number): readonly number[] {
  const args = [file, BLOCKS, depth, READS, BATCHES].map(String);
  return execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n').map(Number);
}

/** Why no baseline can be compiled; undefined if it can. */
function whyNoCompiler(): string | undefined {
  const { status } = spawnSync('cc', ['--version']);
  return status === 0 ? undefined : 'cc is not installed, which compiles the baseline';
}

function readCase(depth: number): Cases {
  const why = whyNoCompiler();
  return why === undefined ? compare(depth) : notMeasured(`aio depth ${depth}`, why);
}

function compare(depth: number): CaseResult {
  return withFiles((program, file) => {
    const fd = openSync(file, 'r');
    const cbs = Array.from(
      { length: depth },
      () => new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(BYTES) }),
    );
    const samples = interleave(
      () => ours(cbs),
      () => glibc(program, file, depth),
      { rounds: ROUNDS, warmUp: WARM_UP },
    );
    closeSync(fd);
    Loop.current().close();
    const naming = { case: `read 4 KiB, depth ${depth}`, unit: 'ns' };
    return compared({ ...naming, baseline: 'glibc aio from C, -O2' }, samples);
  });
}

export const aioBench: Bench = {
  name: 'aio',
  description: 'cached reads by POSIX AIO, so many in flight at a time, beside glibc',
  cases: [() => readCase(1), () => readCase(32)],
};
