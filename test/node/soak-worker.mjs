// A worker of the soak: attaches, makes its reads, and is terminated while attached.

import { parentPort, workerData } from 'node:worker_threads';
import { soakContext } from './soak-context.mjs';
import * as syslets from './syslets.mjs';

syslets.attach({ watcher: workerData.watcher });
syslets.completion(syslets.handOver());
parentPort.postMessage(soakContext(syslets, workerData.calls));
setInterval(() => undefined, 1000);
