import type { TraceData, TraceEvent, TraceTask } from '../../lib/report/trace-data.ts';

export interface Simulated {
  readonly trace: TraceData;
  /** What happened, as the simulator knows it. */
  readonly moves: number;
  readonly inline: number;
  readonly dispatched: number;
}

export interface SimulatorOptions {
  readonly seed: number;
  readonly contexts?: number;
  /** Calls that each context makes. */
  readonly calls?: number;
}

const CALLS = [
  ['read', 0],
  ['openat', 257],
  ['pread64', 17],
  ['getdents64', 217],
  ['recvfrom', 45],
] as const;

/** A trace as the kernel side would write it, of contexts that make random calls. */
export function simulate({ seed, contexts = 1, calls = 50 }: SimulatorOptions): Simulated {
  const world = new World(seed);
  for (let id = 0; id < contexts; id++) world.context(id, calls);
  return world.result(contexts);
}

class World {
  readonly #events: TraceEvent[] = [];
  readonly #tasks: TraceTask[] = [];
  #state: number;
  #moves = 0;
  #inline = 0;
  #dispatched = 0;

  constructor(seed: number) {
    this.#state = (seed >>> 0) + 1;
  }

  context(context: number, calls: number): void {
    const name = context === 0 ? 'node' : `worker ${context}`;
    /** When each task is free. */
    const free: number[] = [];
    const newTask = (): number => {
      const task = free.push(0) - 1;
      const tid = 1000 + context * 100 + task;
      this.#tasks.push({ context, task, tid, name: task === 0 ? name : `${name}/${task}` });
      return task;
    };
    const idle = (now: number, carrier: number): number => {
      const found = free.findIndex((at, task) => task !== carrier && at <= now);
      return found < 0 ? newTask() : found;
    };
    let carrier = newTask();
    let now = this.#random(20_000);
    for (let i = 0; i < calls; i++) {
      now += 200 + this.#random(30_000);
      const [call, nr] = CALLS[this.#random(CALLS.length)] ?? CALLS[0];
      const at = (task: number, ts: number, kind: TraceEvent['kind'], more = {}) =>
        this.#events.push({ ts, tid: 1000 + context * 100 + task, context, task, kind, ...more });
      const kind = this.#random(10);
      if (kind < 6) {
        at(carrier, now, 'enter', { nr, call });
        now += 100 + this.#random(4000);
        at(carrier, now, 'resume', { data: this.#random(4096) });
        this.#inline += 1;
        continue;
      }
      const other = idle(now, carrier);
      const over = now + 5000 + this.#random(400_000);
      if (kind === 6) {
        at(other, now, 'wake', { data: carrier });
        at(other, now + 300, 'enter', { nr, call });
        at(other, over, 'completion', { data: -11 });
        free[other] = over + 1;
        this.#dispatched += 1;
        continue;
      }
      at(carrier, now, 'enter', { nr, call });
      at(carrier, now + 900, 'blocked');
      at(carrier, now + 1400, 'handOff', { data: other });
      at(carrier, over, 'completion', { data: this.#random(4096) });
      at(carrier, over + 400, 'frameReturn');
      free[carrier] = over + 500;
      now += 2200;
      at(other, now, 'resume');
      free[other] = Number.POSITIVE_INFINITY;
      this.#moves += 1;
      carrier = other;
    }
  }

  result(contexts: number): Simulated {
    const trace: TraceData = {
      format: 'syslets-trace',
      version: 1,
      process: {
        pid: 1000,
        command: 'node walk.mjs /usr',
        node: '20.20.0',
        kernel: '6.18.0',
        started: '2026-01-02T03:04:05.678Z',
      },
      contexts: Array.from({ length: contexts }, (_, context) => ({
        context,
        name: context === 0 ? 'main' : `worker ${context}`,
        carrier: 0,
      })),
      tasks: this.#tasks,
      events: this.#events,
    };
    return { trace, moves: this.#moves, inline: this.#inline, dispatched: this.#dispatched };
  }

  /** From 0 to below `limit`. */
  #random(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
}
