import { release } from 'node:os';
import {
  TRACE_FORMAT,
  TRACE_VERSION,
  type TraceContext,
  type TraceData,
  type TraceEvent,
  type TraceTask,
} from '../report/index.ts';
import type { FolderTrace, TaskEvent, TaskTrace } from '../trace/index.ts';
import { traceCallName } from './trace-call-name.ts';

/** The traces of one process, as the viewers take them. */
export function traceData(traces: readonly FolderTrace[]): TraceData {
  const first = traces.reduce((a, b) => (b.started < a.started ? b : a));
  const lanes = traces.flatMap((trace) => trace.tasks.map((part) => ({ trace, part })));
  return {
    format: TRACE_FORMAT,
    version: TRACE_VERSION,
    process: {
      pid: first.pid,
      command: first.facts.command,
      node: first.facts.node,
      kernel: release(),
      started: first.facts.started,
    },
    contexts: traces.map(contextOf),
    tasks: lanes.map(({ trace, part }) => taskOf(trace, part)),
    events: traces.flatMap((trace) =>
      eventsOf(trace, Number(trace.started - first.started), lanes),
    ),
  };
}

/** On its birth thread, task 0, it was attached. */
function contextOf({ context, facts }: FolderTrace): TraceContext {
  return { context, name: facts.name, carrier: 0 };
}

function taskOf({ context }: FolderTrace, { task, tid, name, lost }: TaskTrace): TraceTask {
  return { context, task, tid, name, ...(lost > 0 && { lost }) };
}

interface Lane {
  readonly trace: FolderTrace;
  readonly part: TaskTrace;
}

/** An event happens to a task, also where another one wrote it. */
function eventsOf(trace: FolderTrace, later: number, lanes: readonly Lane[]): TraceEvent[] {
  const handedOver = new Set(
    trace.tasks.flatMap(({ events }) =>
      events.filter(({ kind }) => kind === 'handOff').map(({ seq }) => seq),
    ),
  );
  return trace.tasks.flatMap((part) => {
    const writer = new Writer(trace, part, handedOver, lanes);
    return part.events.flatMap((event) => {
      const seen = writer.translate(event);
      return seen ? [{ ...seen, ts: event.ns + later }] : [];
    });
  });
}

type Untimed = Omit<TraceEvent, 'ts'>;

/** Goes through one task's events, in their order. */
class Writer {
  readonly #own: Lane;
  readonly #handedOver: ReadonlySet<number>;
  readonly #lanes: readonly Lane[];
  #carries: boolean;

  constructor(
    trace: FolderTrace,
    part: TaskTrace,
    handedOver: ReadonlySet<number>,
    lanes: readonly Lane[],
  ) {
    this.#own = { trace, part };
    this.#handedOver = handedOver;
    this.#lanes = lanes;
    this.#carries = part.task === 0;
  }

  translate(event: TaskEvent): Untimed | undefined {
    switch (event.kind) {
      case 'enter':
        return this.#enter(event);
      case 'return':
        return this.#return(event);
      case 'blocked':
        return this.#of(event.other, { kind: 'blocked' });
      case 'handOff':
        return this.#of(event.other, { kind: 'handOff', data: this.#own.part.task });
      case 'resume':
        this.#carries = true;
        return this.#at(this.#own, { kind: 'resume' });
      case 'completion':
      case 'lost':
        return this.#at(this.#own, { kind: 'completion', data: Number(event.value) });
      case 'frameReturn':
        return this.#at(this.#own, { kind: 'frameReturn' });
      case 'wake':
        return this.#wake(event);
      default:
        return undefined;
    }
  }

  #enter({ nr, seq }: TaskEvent): Untimed {
    if (this.#handedOver.has(seq)) this.#carries = false;
    return this.#at(this.#own, { kind: 'enter', nr, call: traceCallName(nr) });
  }

  /** One that was handed over, or dispatched, ends with its completion. */
  #return({ seq, value }: TaskEvent): Untimed | undefined {
    const data = Number(value);
    if (this.#carries) return this.#at(this.#own, { kind: 'resume', data });
    return seq === 0 ? this.#at(this.#own, { kind: 'completion', data }) : undefined;
  }

  /**
   * Who sleeps on a word of its kernel stack; a lock or a foreign thread's word names nobody. A
   * stack serves another context when its own has detached, so this one's tasks come first.
   */
  #wake({ data }: TaskEvent): Untimed | undefined {
    const fits = ({ part: { stack }, trace }: Lane): boolean =>
      data >= stack && data < stack + BigInt(trace.stackBytes);
    const own = this.#lanes.findLast((lane) => lane.trace === this.#own.trace && fits(lane));
    const woken = own ?? this.#lanes.findLast(fits);
    return woken && this.#at(woken, { kind: 'wake', data: this.#own.part.task });
  }

  #of(task: number, event: Pick<TraceEvent, 'kind' | 'data'>): Untimed | undefined {
    const part = this.#own.trace.tasks.find((one) => one.task === task);
    return part && this.#at({ ...this.#own, part }, event);
  }

  #at({ trace, part }: Lane, event: Omit<Untimed, 'tid' | 'context' | 'task'>): Untimed {
    return { tid: part.tid, context: trace.context, task: part.task, ...event };
  }
}
