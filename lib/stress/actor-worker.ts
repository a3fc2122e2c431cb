import { readlinkSync } from 'node:fs';
import { types } from 'node:util';
import { parentPort } from 'node:worker_threads';
import type { Scenario } from '../scenario/index.ts';
import { actorRun } from './actor-run.ts';
import { ActorThread } from './actor-thread.ts';
import type { WorkerPlan } from './histories/messages.ts';
import { loadScenario } from './load-scenario.ts';
import type { ThreadMessage, ThreadOrder, ThreadPlan, ThrownReport } from './thread-plan.ts';

/** Outcomes without a cell are sent now and then, so that a trial that hangs still shows them. */
const SEND_MS = 100;

// Promises of a sample must settle in the thread alone: an open port keeps it alive meanwhile.
const port = parentPort;
let loading: Promise<Scenario> | undefined;

port?.on('message', (order: ThreadOrder) => {
  if (order.kind === 'load') {
    loading = loadScenario(order.file, order.params);
    // whoever awaits it later is told; nobody may, if this thread is not needed
    loading.catch(() => undefined);
  } else if (order.kind === 'histories') void serve(order.plan);
  else if (order.kind === 'plan') void act(order.plan);
});

/** Loads what histories need: other threads do without. */
async function serve(plan: WorkerPlan): Promise<void> {
  const { serveHistories } = await import('./histories/worker.ts');
  await serveHistories(plan, loading);
}

function send(message: ThreadMessage): void {
  port?.postMessage(message);
}

async function act(plan: ThreadPlan): Promise<void> {
  let thread: ActorThread | undefined;
  try {
    thread = await begin((await loading) as Scenario, plan);
    await thread.run();
    send({ kind: 'done', thread: plan.thread });
  } catch (error) {
    const report = thread?.report(error) ?? early(error, plan);
    send({ kind: 'threw', thread: plan.thread, report });
  }
}

async function begin(scenario: Scenario, plan: ThreadPlan): Promise<ActorThread> {
  const { thread } = plan;
  const run = plan.actor === '' ? undefined : await actorRun(scenario.definition, plan);
  return new ActorThread(scenario, run, plan, {
    onReady: (pinError) => send({ kind: 'ready', thread, pinError, tid: ownTid() }),
    onSeen: (sighting) => send({ kind: 'seen', sighting }),
    onRound: (round, counts, ms) => send({ kind: 'round', thread, round, counts, ms }),
    onStride: rareSender(thread),
  });
}

function rareSender(thread: number): (rare: ReadonlyMap<string, number>) => void {
  let next = 0;
  return (rare) => {
    if (rare.size === 0 || performance.now() < next) return;
    next = performance.now() + SEND_MS;
    send({ kind: 'rare', thread, counts: Object.fromEntries(rare) });
  };
}

function ownTid(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}

/** What was thrown before there was a thread: by `open`, or by the file itself. */
function early(error: unknown, { actor }: ThreadPlan): ThrownReport {
  const {
    name,
    message,
    stack = '',
  } = types.isNativeError(error) ? error : new Error(String(error));
  const where = `the start of ${actor === '' ? 'a thread' : `actor ${actor}`}`;
  return { where, actor, iteration: 0, message: `${name}: ${message}`, stack };
}
