import type { TraceData } from './trace-data.ts';
import { type CallSpan, type CarrySpan, type Spans, traceSpans } from './trace-spans.ts';

/** An event of the Trace Event Format, the JSON that chrome://tracing and ui.perfetto.dev open. */
export interface ChromeEvent {
  readonly ph: 'X' | 'M' | 's' | 'f' | 'i' | 'b' | 'e';
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  readonly bp?: 'e';
  readonly s?: 't';
  readonly args?: Readonly<Record<string, unknown>>;
}

/**
 * The trace as Chrome JSON, a line for each event, in pieces: the whole may be longer than a string.
 *
 * Each OS thread is a track of user mode and calls, each user context a track of the tasks that
 * carried it; an arrow leads from a call to where its context went on.
 */
export function* chromeTrace(trace: TraceData): Generator<string> {
  yield `{"displayTimeUnit":"ns","otherData":${JSON.stringify(trace.process)},"traceEvents":[\n`;
  let separator = '';
  for (const event of chromeEvents(trace)) {
    yield `${separator}${JSON.stringify(event)}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}

/** The events; slices of one thread nest, and stand before the arrows that are bound to them. */
export function* chromeEvents(trace: TraceData): Generator<ChromeEvent> {
  const spans = traceSpans(trace);
  const { pid } = trace.process;
  yield* names(trace, spans);
  for (const call of spans.calls) yield* callSlices(pid, spans, call);
  for (const user of userSpans(spans)) yield userSlice(trace, spans, user);
  yield* contextTracks(trace, spans);
  yield* arrows(pid, spans);
  for (const { lane, at, kind, data } of spans.marks) {
    const args = data === undefined ? {} : { args: { data } };
    yield { ph: 'i', s: 't', pid, tid: tidOf(spans, lane), name: kind, ts: micros(at), ...args };
  }
}

function* names({ process, contexts }: TraceData, spans: Spans): Generator<ChromeEvent> {
  const { pid } = process;
  yield { ph: 'M', pid, tid: 0, name: 'process_name', args: { name: process.command } };
  for (const [index, { tid, name, context, task }] of spans.lanes.entries()) {
    const of = contexts.find((one) => one.context === context)?.name ?? `context ${context}`;
    const args = { name: `${name} (${of}, task ${task})` };
    yield { ph: 'M', pid, tid, name: 'thread_name', args };
    yield { ph: 'M', pid, tid, name: 'thread_sort_index', args: { sort_index: index } };
  }
}

function* callSlices(pid: number, spans: Spans, call: CallSpan): Generator<ChromeEvent> {
  const tid = tidOf(spans, call.lane);
  const { nr, result, from, to, end } = call;
  const args = {
    ...(nr === undefined ? {} : { nr }),
    ...(result === undefined ? {} : { result }),
    end,
    dispatched: call.dispatched,
    ...after('blockedAfterNs', call.blocked, from),
    ...after('handedOffAfterNs', call.handedOff, from),
  };
  yield {
    ph: 'X',
    pid,
    tid,
    name: call.name,
    cat: 'call',
    ts: micros(from),
    ...length(call),
    args,
  };
  const { handedOff } = call;
  if (handedOff === undefined) return;
  const rest = { ts: micros(handedOff), ...length({ from: handedOff, to }) };
  yield { ph: 'X', pid, tid, name: 'handed over', cat: 'call', ...rest };
}

function after(name: string, at: number | undefined, from: number) {
  return at === undefined ? {} : { [name]: at - from };
}

/** What a carrier does between its calls. */
export function userSpans({ carries, calls }: Spans): CarrySpan[] {
  const made = new Map<number, CallSpan[]>();
  for (const call of calls) {
    const list = made.get(call.lane);
    if (list) list.push(call);
    else made.set(call.lane, [call]);
  }
  const next = new Map<number, number>();
  const busy = new Map<number, number>(); // until when a lane's calls last, of those that were seen
  const inOrder = [...carries].sort((a, b) => a.from - b.from);
  return inOrder.flatMap((carry) => {
    const list = made.get(carry.lane) ?? [];
    const found: CarrySpan[] = [];
    let at = Math.max(carry.from, busy.get(carry.lane) ?? 0);
    let index = next.get(carry.lane) ?? 0;
    for (; (list[index]?.from ?? Number.POSITIVE_INFINITY) < carry.to; index++) {
      const { from = 0, to = 0 } = list[index] ?? {};
      if (from > at) found.push({ ...carry, from: at, to: from });
      at = Math.max(at, to);
    }
    next.set(carry.lane, index);
    busy.set(carry.lane, at);
    if (carry.to > at) found.push({ ...carry, from: at, to: carry.to });
    return found;
  });
}

function userSlice({ process, contexts }: TraceData, spans: Spans, span: CarrySpan): ChromeEvent {
  const of = contexts.find((one) => one.context === span.context)?.name ?? span.context;
  const slice = { name: `user: ${of}`, cat: 'user', ts: micros(span.from), ...length(span) };
  return { ph: 'X', pid: process.pid, tid: tidOf(spans, span.lane), ...slice };
}

/** One slice around all others names the track. */
function* contextTracks({ process, contexts }: TraceData, spans: Spans): Generator<ChromeEvent> {
  const base = { pid: process.pid, tid: 0, cat: 'context' };
  for (const { context: id, name } of contexts) {
    const own = spans.carries.filter(({ context }) => context === id);
    const track = { ...base, id, name: `context ${name}` };
    yield { ph: 'b', ...track, ts: micros(spans.from) };
    for (const { lane, from, to } of own) {
      const on = { ...base, id, name: `${spans.lanes[lane]?.name} (${tidOf(spans, lane)})` };
      yield { ph: 'b', ...on, ts: micros(from) };
      yield { ph: 'e', ...on, ts: micros(to) };
    }
    yield { ph: 'e', ...track, ts: micros(spans.to) };
  }
}

function* arrows(pid: number, spans: Spans): Generator<ChromeEvent> {
  for (const [id, { from, to, left, arrived }] of spans.moves.entries()) {
    const arrow = { pid, name: 'hand-off', cat: 'hand-off', id };
    yield { ph: 's', ...arrow, tid: tidOf(spans, from), ts: micros(left) };
    yield { ph: 'f', bp: 'e', ...arrow, tid: tidOf(spans, to), ts: micros(arrived) };
  }
}

function tidOf({ lanes }: Spans, lane: number): number {
  return lanes[lane]?.tid ?? 0;
}

function micros(ns: number): number {
  return ns / 1000;
}

function length({ from, to }: { readonly from: number; readonly to: number }) {
  return { dur: micros(to - from) };
}
