// Trials of processes.test.ts, each in a process of its own: process-trial.mjs NAME.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import {
  Aiocb,
  aioError,
  aioFsync,
  aioRead,
  aioWrite,
  O_SYNC,
  SIGEV_THREAD,
} from '../../dist/aio/index.js';
import { native } from '../../dist/native.js';

const EINPROGRESS = 115;
const folder = mkdtempSync(join(tmpdir(), 'syslets-aio-trial-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function fifo(name) {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return openSync(path, 'r+');
}

function read(fd, callback) {
  const aio_sigevent = { sigev_notify: SIGEV_THREAD, sigev_notify_function: callback };
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(1), aio_sigevent });
  aioRead(cb);
  return cb;
}

const trials = {
  /** Nothing else keeps the process: it ends after the request, and by itself. */
  keepsAlive() {
    const fd = fifo('alive');
    const cb = read(fd, () => process.stdout.write(`over ${aioError(cb)}\n`));
    setTimeout(() => writeSync(fd, 'x'), 50).unref();
  },

  /** Writes that nobody looks at again are made before the process ends. */
  writesBeforeExit() {
    const path = join(folder, 'written');
    const fd = openSync(path, 'a+');
    for (const letter of 'abc') {
      aioWrite(new Aiocb({ aio_fildes: fd, aio_buf: Buffer.from(letter) }));
    }
    aioFsync(O_SYNC, new Aiocb({ aio_fildes: fd }));
    process.prependListener('exit', () => {
      process.stdout.write(`${readFileSync(path, 'utf8')}\n`);
    });
  },

  /** process.exit() with requests in flight ends at once; their callbacks do not run. */
  exitPending() {
    for (let i = 0; i < 20; i++) read(fifo(`pending${i}`), () => process.stdout.write('called\n'));
    process.stdout.write('leaving\n');
    process.exit(0);
  },

  /** What a callback throws is an uncaught exception; the others are called. */
  throwingCallback() {
    const fd = openSync(process.execPath, 'r');
    process.on('uncaughtException', ({ message }) => process.stdout.write(`caught ${message}\n`));
    read(fd, () => {
      throw new Error('first');
    });
    read(fd, () => process.stdout.write('second\n'));
  },

  /** A worker ends with requests in flight: they are interrupted, and nothing of them is left. */
  async workerEnds() {
    const fds = Array.from({ length: 10 }, (_, i) => fifo(`worker${i}`));
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(new URL(import.meta.url), {
        argv: ['inWorker'],
        workerData: fds,
        trackUnmanagedFds: false,
      });
      await new Promise((resolve) => worker.once('message', resolve));
      if (round % 2 === 0) await worker.terminate();
      else await new Promise((resolve) => worker.once('exit', resolve).postMessage('end'));
    }
    const { contexts, tasks, pins } = native().counters();
    process.stdout.write(`left ${contexts} ${tasks} ${pins}\n`);
  },

  async inWorker() {
    const { parentPort } = await import('node:worker_threads');
    const cbs = workerData.map((fd) => read(fd, () => undefined));
    for (const cb of cbs) assert.equal(aioError(cb), EINPROGRESS);
    parentPort.once('message', () => process.exit());
    parentPort.postMessage('ready');
  },
};

await trials[isMainThread ? process.argv[2] : 'inWorker']();
