import type { TraceData, TraceEvent, TraceKind, TraceTask } from './trace-data.ts';

/** How a call ended: on its carrier, into the ring, at an event that shows it over, or not at all. */
export type CallEnd = 'inline' | 'completed' | 'unknown' | 'open';

/** One system call on one OS thread. Times in nanoseconds; lanes are indices into `lanes`. */
export interface CallSpan {
  readonly lane: number;
  readonly context: number;
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly nr?: number;
  readonly result?: number;
  /** When it was seen to block, and when the context left it. */
  readonly blocked?: number;
  readonly handedOff?: number;
  /** Made by a task that did not carry the context. */
  readonly dispatched: boolean;
  readonly end: CallEnd;
}

/** A task carries a context: user mode, and calls that are not handed over. */
export interface CarrySpan {
  readonly lane: number;
  readonly context: number;
  readonly from: number;
  readonly to: number;
}

/** A context goes from one OS thread to another. `call` is an index into `calls`. */
export interface Move {
  readonly context: number;
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly arrived: number;
  readonly call?: number;
}

export interface Mark {
  readonly lane: number;
  readonly at: number;
  readonly kind: TraceKind;
  readonly data?: number;
}

export interface Spans {
  readonly from: number;
  readonly to: number;
  readonly lanes: readonly TraceTask[];
  readonly calls: readonly CallSpan[];
  readonly carries: readonly CarrySpan[];
  readonly moves: readonly Move[];
  readonly marks: readonly Mark[];
}

type Open<T> = { -readonly [K in keyof T]: T[K] };

interface ContextState {
  carrier: number | undefined;
  since: number;
  /** The hand-off that no resume has answered yet. */
  leaving: { lane: number; at: number; call: number | undefined } | undefined;
}

/** Calls, carriers and moves of a trace, in one pass over its events. */
export function traceSpans(trace: TraceData): Spans {
  const events = [...trace.events].sort((a, b) => a.ts - b.ts);
  const from = events[0]?.ts ?? 0;
  const builder = new SpanBuilder(trace, from);
  for (const event of events) builder.take(event);
  return builder.end(events.at(-1)?.ts ?? 0);
}

class SpanBuilder {
  readonly #lanes: TraceTask[];
  readonly #laneOf = new Map<string, number>();
  readonly #contexts = new Map<number, ContextState>();
  readonly #openCalls = new Map<number, number>();
  readonly #calls: Open<CallSpan>[] = [];
  readonly #carries: CarrySpan[] = [];
  readonly #moves: Move[] = [];
  readonly #marks: Mark[] = [];
  readonly #from: number;

  constructor(trace: TraceData, from: number) {
    this.#from = from;
    this.#lanes = [...trace.tasks];
    for (const [lane, task] of this.#lanes.entries()) this.#laneOf.set(keyOf(task), lane);
    for (const { context, carrier } of trace.contexts) {
      const lane = trace.tasks.findIndex(
        (one) => one.context === context && one.task === carrier && carrier !== undefined,
      );
      this.#contexts.set(context, {
        carrier: lane < 0 ? undefined : lane,
        since: from,
        leaving: undefined,
      });
    }
  }

  take(event: TraceEvent): void {
    const lane = this.#lane(event);
    const context = this.#context(event.context);
    switch (event.kind) {
      case 'enter':
        this.#enter(event, lane, context);
        break;
      case 'blocked':
        this.#blocked(event, lane);
        break;
      case 'handOff':
        this.#handOff(event, lane, context);
        break;
      case 'resume':
        this.#resume(event, lane, context);
        break;
      case 'completion':
        this.#endCall(lane, event, 'completed');
        break;
      default:
        this.#mark(event, lane);
    }
  }

  /** A task that the table does not hold gets a lane all the same. */
  #lane(event: TraceEvent): number {
    const key = keyOf(event);
    const known = this.#laneOf.get(key);
    if (known !== undefined) return known;
    const { context, task, tid } = event;
    this.#laneOf.set(key, this.#lanes.length);
    return this.#lanes.push({ context, task, tid, name: `task ${task}` }) - 1;
  }

  #context(id: number): ContextState {
    const known = this.#contexts.get(id);
    if (known) return known;
    const fresh: ContextState = { carrier: undefined, since: this.#from, leaving: undefined };
    this.#contexts.set(id, fresh);
    return fresh;
  }

  #enter(event: TraceEvent, lane: number, context: ContextState): void {
    this.#endCall(lane, event, 'unknown');
    if (context.carrier === undefined && context.leaving === undefined) context.carrier = lane;
    this.#openCalls.set(lane, this.#calls.length);
    this.#calls.push({
      lane,
      context: event.context,
      from: event.ts,
      to: event.ts,
      name: event.call ?? (event.nr === undefined ? 'call' : `call ${event.nr}`),
      ...(event.nr === undefined ? {} : { nr: event.nr }),
      dispatched: context.carrier !== lane,
      end: 'open',
    });
  }

  #blocked({ ts }: TraceEvent, lane: number): void {
    this.#change(lane, (call) => {
      call.blocked = ts;
    });
  }

  #change(lane: number, change: (call: Open<CallSpan>) => void): void {
    const call = this.#calls[this.#openCalls.get(lane) ?? -1];
    if (call) change(call);
  }

  #endCall(lane: number, { ts, data, kind }: TraceEvent, end: CallEnd): void {
    this.#change(lane, (call) => {
      call.to = ts;
      call.end = end;
      if (kind !== 'enter' && data !== undefined) call.result = data;
    });
    this.#openCalls.delete(lane);
  }

  #handOff({ ts, context: id }: TraceEvent, lane: number, context: ContextState): void {
    this.#change(lane, (call) => {
      call.handedOff = ts;
    });
    this.#endCarry(id, context, ts);
    context.leaving = { lane, at: ts, call: this.#openCalls.get(lane) };
  }

  #resume(event: TraceEvent, lane: number, context: ContextState): void {
    const { leaving, carrier } = context;
    const isHome = leaving ? leaving.lane === lane : carrier === lane || carrier === undefined;
    if (isHome) this.#endCall(lane, event, 'inline');
    if (leaving || carrier !== lane) this.#arrive(event, lane, context);
  }

  /** Events may have been lost: a context that turns up elsewhere has moved at that moment. */
  #arrive({ ts, context: id }: TraceEvent, lane: number, context: ContextState): void {
    const { leaving, carrier } = context;
    const from = leaving?.lane ?? carrier;
    this.#endCarry(id, context, ts);
    if (from !== undefined && from !== lane) {
      const call = leaving?.call;
      const move = { context: id, from, to: lane, left: leaving?.at ?? ts, arrived: ts };
      this.#moves.push(call === undefined ? move : { ...move, call });
    }
    context.carrier = lane;
    context.since = from === undefined ? this.#from : ts;
    context.leaving = undefined;
  }

  #endCarry(id: number, context: ContextState, to: number): void {
    const { carrier, since } = context;
    if (carrier !== undefined) {
      this.#carries.push({ lane: carrier, context: id, from: since, to });
    }
    context.carrier = undefined;
  }

  #mark({ ts, kind, data }: TraceEvent, lane: number): void {
    this.#marks.push({ lane, at: ts, kind, ...(data === undefined ? {} : { data }) });
  }

  end(to: number): Spans {
    for (const index of this.#openCalls.values()) {
      const call = this.#calls[index];
      if (call) call.to = to;
    }
    for (const [id, context] of this.#contexts) this.#endCarry(id, context, to);
    return {
      from: this.#from,
      to,
      lanes: this.#lanes,
      calls: this.#calls,
      carries: this.#carries,
      moves: this.#moves,
      marks: this.#marks,
    };
  }
}

function keyOf({ context, task, tid }: Pick<TraceTask, 'context' | 'task' | 'tid'>): string {
  return `${context} ${task} ${tid}`;
}
