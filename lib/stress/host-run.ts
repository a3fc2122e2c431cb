import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import type { Linearizable } from '../linearizability/index.ts';
import { isLinearizable } from '../linearizability/is-linearizable.ts';
import { pipesOf } from './cast.ts';
import { epochMs } from './epoch.ts';
import { loadScenario } from './load-scenario.ts';
import { Session, type SessionEnd } from './session.ts';
import type { SessionMessage, SessionReport, SessionRequest } from './session-request.ts';
import { startWorker } from './start-worker.ts';
import type { ThreadMessage } from './thread-plan.ts';
import { threadStacks } from './thread-stack.ts';
import { userFrames } from './user-frames.ts';
import { hungDetail, type Stillness, unclearDetail, Watch } from './watch.ts';

const PROGRESS_MS = 100;
const LOOK_MS = 25;
/** Actors that had a processor for so long at the end, and made no step, may hang. */
const STILL_MS = 250;
const LATE_START_MS = 250;
/** The debugger stops a thread within that, unless it is in a call. */
const LEAST_STACK_MS = 250;

/** Waits for the one request of this process, and runs it. */
export function runHost(workers: Worker[]): void {
  process.once('message', (request: SessionRequest) => void run(request, workers));
}

async function run(request: SessionRequest, workers: Worker[]): Promise<void> {
  // Before any code of the scenario is compiled. A version of V8 that lacks one ignores it.
  if (request.config.jit === 'cold') {
    for (const flag of ['--no-opt', '--no-maglev', '--no-sparkplug']) setFlagsFromString(flag);
  }
  const { file, params } = request;
  for (const worker of workers) worker.postMessage({ kind: 'load', file, params });
  try {
    await runSession(request, workers);
  } catch (error) {
    const { message, stack = '' } = error as Error;
    const { config, seed } = request;
    const detail = { message, stack };
    const last = { config, seed };
    finish({ parts: [], sightings: [], notes: [], last, end: 'threw', detail });
  }
}

async function runSession(request: SessionRequest, workers: Worker[]): Promise<void> {
  const scenario = await loadScenario(request.file, request.params);
  if (isLinearizable(scenario)) return runHistories(request, scenario, workers);
  const session = new Session(request, scenario, {
    onWrong: (report) => tell({ kind: 'progress', report }),
    onOver: finish,
  });
  const { scripted } = session.cast;
  while (workers.length < scripted.length) {
    const worker = startWorker();
    worker.postMessage({ kind: 'load', file: request.file, params: request.params });
    workers.push(worker);
  }
  for (const spare of workers.splice(scripted.length)) void spare.terminate();
  for (const [thread, worker] of workers.entries()) listen(session, worker, thread);
  session.start(workers, await pipesOf(scenario.definition));
  setInterval(() => tell({ kind: 'progress', report: session.report() }), PROGRESS_MS);
  watch(session, request, workers);
}

/** The same threads, which run programs instead of actors. */
async function runHistories(
  request: SessionRequest,
  structure: Linearizable,
  workers: Worker[],
): Promise<void> {
  // only where it is needed: a checker takes its time to load
  const { HistoryTrial } = await import('./histories/history-trial.ts');
  const trial = new HistoryTrial(request, structure, workers, {
    onWrong: (report) => tell({ kind: 'progress', report }),
    onOver: finish,
  });
  trial.start();
  setInterval(() => tell({ kind: 'progress', report: trial.report() }), PROGRESS_MS);
}

function listen(session: Session, worker: Worker, thread: number): void {
  const actor = session.nameOf(thread);
  worker.on('message', (message: ThreadMessage) => session.onMessage(message));
  worker.on('error', ({ message, stack = '' }) =>
    session.failed(thread, `the thread of actor ${actor} failed: ${message}`, { stack }),
  );
  worker.on('exit', (exitCode) => {
    const text = `actor ${actor} ended its thread with exit code ${exitCode}`;
    if (exitCode !== 0) session.failed(thread, text, { exitCode });
  });
}

/** Ends the session when its time is up, or when its actors hang. */
function watch(session: Session, request: SessionRequest, workers: readonly Worker[]): void {
  const { timeoutMs, isLimitGiven } = request;
  const eye = new Watch({
    control: session.memory.control,
    threads: session.threads,
    timeoutMs,
    mayTellEarly: !isLimitGiven,
    tids: session.tids,
  });
  const nameOf = (thread: number) => session.nameOf(thread);
  let isHung = false;
  const timer = setInterval(() => {
    const still = eye.look();
    if (!still) return;
    clearInterval(timer);
    isHung = true;
    const detail = hungDetail(still, timeoutMs, nameOf);
    session.willEnd({ end: 'hung', detail });
    // who is in a call of the system is in nobody's lines: that takes all the time that there is
    const leftMs = Math.max(LEAST_STACK_MS, request.latest - epochMs());
    void withStacks(still, workers, nameOf, leftMs).then((stack) =>
      session.over({ end: 'hung', detail: { ...detail, ...stack } }),
    );
  }, LOOK_MS);
  const atEnd = (): SessionEnd => {
    const still = eye.stillness();
    if (still.givenMs < STILL_MS) return { end: 'ok' };
    return { end: 'cut', detail: unclearDetail(still, timeoutMs, nameOf) };
  };
  const stop = () => {
    if (isHung) return;
    const isStill = eye.stillness().wallMs >= STILL_MS;
    const isShort = session.ms < request.leastMs;
    // threads that have not even started get a moment more
    const latest = session.hasBegun ? request.latest : request.latest + LATE_START_MS;
    const goesOn = isStill || isShort || !session.hasBegun;
    if (goesOn && epochMs() < latest) setTimeout(stop, LOOK_MS);
    else if (session.hasBegun) session.stop(atEnd);
    else session.over(atEnd());
  };
  setTimeout(stop, Math.max(0, request.until - epochMs()));
}

async function withStacks(
  { stuck }: Stillness,
  workers: readonly Worker[],
  nameOf: (thread: number) => string,
  leftMs: number,
): Promise<{ stack?: string }> {
  const wanted = stuck.flatMap(({ thread }) => workers[thread] ?? []);
  const stacks = wanted.length === 0 ? new Map() : await threadStacks(wanted, leftMs);
  const texts = [...stacks].map(
    ([worker, text]) => `actor ${nameOf(workers.indexOf(worker))}\n${text}`,
  );
  return texts.length === 0 ? {} : { stack: texts.join('\n') };
}

/** Calls `then` when the message has left this process. */
function tell(message: SessionMessage, then: () => void = () => undefined): void {
  process.send?.(message, undefined, undefined, then);
}

function finish(found: SessionReport): void {
  const { detail } = found;
  const stack = userFrames(detail?.stack ?? '');
  const report = detail?.stack ? { ...found, detail: { ...detail, stack } } : found;
  // threads may be stuck, or stopped by the debugger: exit() would wait for them
  tell({ kind: 'over', report }, () => process.kill(process.pid, 'SIGKILL'));
}
