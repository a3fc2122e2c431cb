import { parentPort, workerData } from 'node:worker_threads';
import { Checker, isLinearizable, type Structure } from '../../linearizability/index.ts';
import { loadScenario } from '../load-scenario.ts';
import { pinThread } from '../pin.ts';
import type { RunRequest, WorkerError, WorkerMessage, WorkerPlan } from './messages.ts';
import { ProgramThread } from './program-thread.ts';

const plan = workerData as WorkerPlan;

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

function errorOf(error: unknown, where: string): WorkerError {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { where, message: `${name}: ${message}`, stack };
}

function serve(structure: Structure): void {
  const checker = new Checker(structure);
  parentPort?.on('message', (request: RunRequest) => {
    let thread: ProgramThread | undefined;
    try {
      thread = new ProgramThread(structure, checker, plan, request);
      send({ kind: 'done', thread: plan.thread, counts: thread.run() });
    } catch (error) {
      const { step } = thread ?? { step: 'the start' };
      send({ kind: 'threw', thread: plan.thread, error: errorOf(error, step) });
    }
  });
}

try {
  const pinError = pinThread(plan.cpus[plan.thread] ?? []);
  const found = await loadScenario(plan.file);
  if (!isLinearizable(found)) throw new TypeError(`${plan.file} is no linearizable`);
  serve(found.structure);
  send({ kind: 'ready', pinError });
} catch (error) {
  send({ kind: 'threw', thread: plan.thread, error: errorOf(error, 'the start') });
}
