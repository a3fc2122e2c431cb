// A host: a process that takes samples. Threads take the longest to start, so they start first;
// every scenario has two at least.
import { once } from 'node:events';
import { epochMs } from './epoch.ts';
import type { SessionMessage } from './session-request.ts';
import { startWorker } from './start-worker.ts';

const workers = [startWorker(), startWorker()];
const online = Promise.all(workers.map((worker) => once(worker, 'online')));

// whoever asked is gone, maybe before anybody could listen
const leave = () => process.exit(1);
process.once('disconnect', leave);
if (!process.connected) leave();

const { runHost } = await import('./host-run.ts');
runHost(workers);
await online;
const ready: SessionMessage = { kind: 'ready', at: epochMs() };
process.send?.(ready, () => undefined);
