import { parentPort, workerData } from 'node:worker_threads';
import { Kernel } from '../kernel/index.ts';
import { SoakContext } from './soak-context.ts';
import { ThreadList } from './thread-list.ts';

/** A worker of the soak: a context of its own, the same load. */
const { messages, tids } = workerData as { messages: number; tids: Int32Array };
const kernel = Kernel.attach();
const list = new ThreadList(tids);
const tally = new SoakContext(kernel, messages, (tid) => list.add(tid)).run();
kernel.detach();
parentPort?.postMessage(tally);
