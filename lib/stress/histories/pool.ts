import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { errorName } from '../../errors.ts';
import type { Structure } from '../../linearizability/index.ts';
import { MAX_HISTORIES } from '../config.ts';
import { allowedCpus } from '../pin.ts';
import { placeOf } from '../placement.ts';
import type { SessionRequest } from '../session-request.ts';
import { startWorker } from '../start-worker.ts';
import { Watch } from '../watch.ts';
import { type HistoryMemory, historyMemory } from './memory.ts';
import type { RunCounts, RunRequest, WorkerError, WorkerMessage, WorkerPlan } from './messages.ts';
import { type StuckHistory, stuckHistory, stuckPlace } from './stuck.ts';

const LOOK_MS = 50;
const MAX_OBJECT_BYTES = 2 ** 26;

/** How a run of one program ended. */
export type RunEnd =
  | { readonly kind: 'done'; readonly counts: readonly RunCounts[] }
  | { readonly kind: 'stuck'; readonly stuck: StuckHistory }
  /** Not in a call: where. */
  | { readonly kind: 'hung'; readonly where: string }
  | { readonly kind: 'threw'; readonly error: WorkerError };

/** The threads of a trial: they run one program after another. */
export class HistoryPool {
  readonly #request: SessionRequest;
  readonly #structure: Structure;
  readonly #threads: number;
  readonly notes = new Set<string>();
  readonly stride: number;
  #memory: HistoryMemory;
  #workers: Worker[] | undefined;
  readonly #spare: Worker[];
  #eye: Watch | undefined;
  #onMessage: (message: WorkerMessage) => void = () => undefined;

  /** `spare`: threads that are there already, and load the file. */
  constructor(
    request: SessionRequest,
    structure: Structure,
    threads: number,
    spare: readonly Worker[],
  ) {
    const fitting = Math.max(1, Math.floor(MAX_OBJECT_BYTES / structure.bytes));
    this.#request = request;
    this.#spare = spare.slice(0, threads);
    for (const worker of spare.slice(threads)) void worker.terminate();
    this.#structure = structure;
    this.#threads = threads;
    this.stride = Math.min(request.config.stride, MAX_HISTORIES, fitting);
    this.#memory = historyMemory(this.stride, structure.bytes);
  }

  /** Starts the threads; throws what one of them threw. */
  async start(): Promise<void> {
    const plan = { memory: this.#memory, ...this.#places() };
    this.#workers = Array.from({ length: this.#threads }, (_, thread) =>
      this.#startWorker({ ...plan, thread }),
    );
    await this.#all(this.#threads, 'ready', (message) => {
      if (message.kind === 'ready' && message.pinError !== 0) {
        this.#notePin(errorName(message.pinError));
      }
    });
  }

  #places(): Pick<WorkerPlan, 'cpus' | 'isCrowded' | 'together'> {
    const { placement } = this.#request.config;
    const allowed = allowedCpus();
    const isFree = placement === 'free';
    if (!allowed && !isFree) this.#notePin('the addon is not available, or cannot tell them');
    const places = Array.from({ length: this.#threads }, (_, thread) =>
      placeOf(placement, { thread, threads: this.#threads }, this.#request.seed, allowed),
    );
    return {
      cpus: places.map(({ cpus }) => (isFree ? [] : cpus)),
      isCrowded: places.some((place) => place.isCrowded),
      together: placement === 'one' ? 1 : (allowed?.length ?? availableParallelism()),
    };
  }

  /** Histories of one program. A run that hangs costs its threads: the next one starts others. */
  async run(request: RunRequest, timeoutMs: number): Promise<RunEnd> {
    if (!this.#workers) await this.start();
    const threads = request.program.threads.length;
    const counts: RunCounts[] = [];
    const done = this.#all(threads, 'done', (message) => {
      if (message.kind === 'done') counts.push(message.counts);
    });
    for (const worker of this.#workers?.slice(0, threads) ?? []) worker.postMessage(request);
    const watching = this.#watch(threads, timeoutMs);
    try {
      const isStuck = await Promise.race([done.then(() => false), watching.stuck]);
      if (!isStuck) return { kind: 'done', counts };
      const stuck = stuckHistory(this.#memory, request.program);
      const where = stuckPlace(this.#memory, request.program);
      await this.#restart();
      return stuck ? { kind: 'stuck', stuck } : { kind: 'hung', where };
    } catch (error) {
      if (!(error instanceof ThreadError)) throw error;
      await this.#restart();
      return { kind: 'threw', error: error.report };
    } finally {
      watching.end();
    }
  }

  /** For how long the threads have made no step. */
  get stillMs(): number {
    return this.#eye?.stillness().wallMs ?? 0;
  }

  async close(): Promise<void> {
    const workers = this.#workers ?? [];
    this.#workers = undefined;
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  async #restart(): Promise<void> {
    await this.close();
    this.#memory = historyMemory(this.stride, this.#structure.bytes);
  }

  #watch(threads: number, timeoutMs: number) {
    const { control } = this.#memory;
    // without their numbers: a call that sleeps may wait for the kernel, and so for no thread here
    const watch = new Watch({ control, threads, timeoutMs, mayTellEarly: false, tids: new Map() });
    this.#eye = watch;
    let timer: NodeJS.Timeout | undefined;
    const stuck = new Promise<boolean>((resolve) => {
      timer = setInterval(() => {
        if (watch.look()) resolve(true);
      }, LOOK_MS);
    });
    return { stuck, end: () => clearInterval(timer) };
  }

  #notePin(why: string): void {
    this.notes.add(`threads could not be pinned to processors: ${why}`);
  }

  #startWorker(plan: WorkerPlan): Worker {
    const worker = this.#spare.shift() ?? this.#loading();
    worker.postMessage({ kind: 'histories', plan });
    worker.on('message', (message: WorkerMessage) => this.#onMessage(message));
    worker.on('error', (error) => this.#onMessage(failed(plan.thread, error)));
    return worker;
  }

  #loading(): Worker {
    const { file, params } = this.#request;
    const worker = startWorker();
    worker.postMessage({ kind: 'load', file, params });
    return worker;
  }

  /** Resolves when so many threads have sent a message of this kind; rejects if one threw. */
  #all(
    threads: number,
    kind: WorkerMessage['kind'],
    each: (message: WorkerMessage) => void,
  ): Promise<void> {
    let left = threads;
    return new Promise((resolve, reject) => {
      this.#onMessage = (message) => {
        if (message.kind === 'threw') reject(new ThreadError(message.error));
        else if (message.kind === kind) {
          each(message);
          if (--left === 0) resolve();
        }
      };
    });
  }
}

function failed(thread: number, error: Error): WorkerMessage {
  const report = { where: 'a thread', message: error.message, stack: error.stack ?? '' };
  return { kind: 'threw', thread, error: report };
}

class ThreadError extends Error {
  readonly report: WorkerError;

  constructor(report: WorkerError) {
    super(report.message);
    this.report = report;
  }
}
