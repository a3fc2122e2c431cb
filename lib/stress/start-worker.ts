import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** A thread that waits for its part. */
export function startWorker(): Worker {
  return new Worker(fileURLToPath(new URL('./actor-worker.js', import.meta.url)));
}
