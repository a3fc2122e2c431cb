// A host: a process that takes samples. Threads take the longest to start, so they start first;
// every scenario has two at least.
import { startWorker } from './start-worker.ts';

const workers = [startWorker(), startWorker()];

// whoever asked is gone, maybe before anybody could listen
const leave = () => process.exit(1);
process.once('disconnect', leave);
if (!process.connected) leave();

const { runHost } = await import('./host-run.ts');
runHost(workers);
