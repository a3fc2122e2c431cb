import type { Worker } from 'node:worker_threads';
import { isOwn } from './user-frames.ts';

/** A thread that cannot be stopped, in a system call for instance, has no stack to show. */
const PATIENCE_MS = 2000;

interface CallFrame {
  readonly functionName: string;
  readonly location: {
    readonly scriptId: string;
    lineNumber: number;
    readonly columnNumber?: number;
  };
}

/**
 * Where threads stand that never return: the debugger stops them, also within a loop and within
 * Atomics.wait. They stay stopped.
 */
export async function threadStacks(
  workers: readonly Worker[],
  leftMs: number,
): Promise<ReadonlyMap<Worker, string>> {
  const { Session } = await import('node:inspector');
  const stacks = new Map<Worker, string>();
  const session = new Session();
  session.connect();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.min(PATIENCE_MS, leftMs));
    const sessions = new Map<string, Worker>();
    const scripts = new Map<string, string>();
    session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      // its workerId is a number of the inspector's own; the title has the thread's
      const [, id] = /worker (\d+)/i.exec(workerInfo.title) ?? [];
      const worker = workers.find(({ threadId }) => String(threadId) === id);
      if (!worker) return;
      sessions.set(sessionId, worker);
      for (const [id, method] of ['Debugger.enable', 'Debugger.pause'].entries()) {
        const message = JSON.stringify({ id: id + 1, method });
        session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
      }
    });
    session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
      const { method, params } = JSON.parse(message) as FromDebugger;
      const worker = sessions.get(sessionId);
      if (method === 'Debugger.scriptParsed') {
        scripts.set(`${sessionId} ${params?.scriptId}`, params?.url ?? '');
      }
      if (method !== 'Debugger.paused' || !worker) return;
      const urlOf = (id: string) => scripts.get(`${sessionId} ${id}`) ?? '';
      stacks.set(worker, stackText(params?.callFrames ?? [], urlOf));
      if (stacks.size < workers.length) return;
      clearTimeout(timer);
      resolve();
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  });
  return stacks;
}

interface FromDebugger {
  readonly method?: string;
  readonly params?: {
    readonly callFrames?: readonly CallFrame[];
    readonly scriptId?: string;
    readonly url?: string;
  };
}

function stackText(frames: readonly CallFrame[], urlOf: (scriptId: string) => string): string {
  return frames
    .map((frame) => ({ ...frame, url: urlOf(frame.location.scriptId) }))
    .filter(({ url }) => !isOwn(url))
    .map(({ functionName, url, location: { lineNumber, columnNumber = 0 } }) => {
      const name = functionName === '' ? '(anonymous)' : functionName;
      return `    at ${name} (${url}:${lineNumber + 1}:${columnNumber + 1})`;
    })
    .join('\n');
}
