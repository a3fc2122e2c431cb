import { parentPort } from 'node:worker_threads';
import { Checker, isLinearizable, type Structure } from '../../linearizability/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import { pinThread } from '../pin.ts';
import type { RunRequest, WorkerError, WorkerMessage, WorkerPlan } from './messages.ts';
import { ProgramThread } from './program-thread.ts';

/** Makes this thread one of a pool: it runs the programs that it is sent. */
export async function serveHistories(
  plan: WorkerPlan,
  loading: Promise<Scenario> | undefined,
): Promise<void> {
  try {
    const found = await loading;
    // loading is not held up by where others run
    const pinError = pinThread(plan.cpus[plan.thread] ?? []);
    if (!isLinearizable(found)) throw new TypeError('the file is no linearizable');
    serve(found.structure, plan);
    send({ kind: 'ready', pinError });
  } catch (error) {
    send({ kind: 'threw', thread: plan.thread, error: errorOf(error, 'the start') });
  }
}

function serve(structure: Structure, plan: WorkerPlan): void {
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

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

function errorOf(error: unknown, where: string): WorkerError {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { where, message: `${name}: ${message}`, stack };
}
