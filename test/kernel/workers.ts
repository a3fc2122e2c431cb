import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Overflow } from '../../lib/kernel/index.ts';
import type { CompletionRing } from '../../lib/ring/index.ts';

const WORKER = fileURLToPath(new URL('shared-worker.mjs', import.meta.url));

export interface Load {
  /** Caller data of the first call; the following ones count on. */
  readonly first: number;
  /** Calls that are handed over. */
  readonly count: number;
  readonly overflow: Overflow;
  readonly microseconds: number;
}

/** A worker with a context of its own whose calls complete into `ring`. */
export function startWorker(ring: CompletionRing, load: Load): Worker {
  return new Worker(WORKER, {
    workerData: { buffer: ring.buffer, ...load },
    trackUnmanagedFds: false,
  });
}

/** Lets a worker detach whose completions have all been reaped. */
export async function stopWorker(worker: Worker): Promise<void> {
  const detached = once(worker, 'message');
  worker.postMessage('detach');
  await detached;
  await worker.terminate();
}
