import { types } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { AnyDefinition } from '../scenario/scenario.ts';
import { actorRun } from './actor-run.ts';
import { ActorThread } from './actor-thread.ts';
import { loadScenario } from './load-scenario.ts';
import { pinThread } from './pin.ts';
import type { ThreadMessage, ThreadPlan, ThrownReport } from './thread-plan.ts';

/** Outcomes without a cell are sent now and then, so that a trial that hangs still shows them. */
const SEND_MS = 100;

const plan = workerData as ThreadPlan;

function send(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}

function rareSender(): (rare: ReadonlyMap<string, number>) => void {
  let next = 0;
  return (rare) => {
    if (rare.size === 0 || performance.now() < next) return;
    next = performance.now() + SEND_MS;
    send({ kind: 'rare', thread: plan.thread, counts: Object.fromEntries(rare) });
  };
}

async function begin(definition: AnyDefinition): Promise<ActorThread> {
  const pinError = pinThread(plan.cpus);
  const run = plan.actor === '' ? undefined : await actorRun(definition, plan);
  return new ActorThread(definition, run, plan, {
    onReady: () => send({ kind: 'ready', thread: plan.thread, pinError }),
    onCounting: () => send({ kind: 'counting' }),
    onStride: rareSender(),
  });
}

/** What was thrown before there was a thread: by `open`, or by the file itself. */
function early(error: unknown): ThrownReport {
  const {
    name,
    message,
    stack = '',
  } = types.isNativeError(error) ? error : new Error(String(error));
  const where = `the start of ${plan.actor === '' ? 'a thread' : `actor ${plan.actor}`}`;
  return { where, actor: plan.actor, iteration: 0, message: `${name}: ${message}`, stack };
}

// A promise of Atomics.waitAsync alone keeps no thread alive.
const alive = setInterval(() => undefined, 2 ** 30);
let thread: ActorThread | undefined;
try {
  thread = await begin((await loadScenario(plan.file)).definition);
  const ms = await thread.run();
  send({ kind: 'done', thread: plan.thread, ms, counts: Object.fromEntries(thread.rare) });
} catch (error) {
  const report = thread?.report(error) ?? early(error);
  send({ kind: 'threw', thread: plan.thread, report });
}
clearInterval(alive);
