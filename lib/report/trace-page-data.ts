import { errorName } from '../errors.ts';
import type { TraceData } from './trace-data.ts';
import type { CallRow, LaneData, TracePageData } from './trace-page-types.ts';
import { type CallSpan, type Spans, traceSpans } from './trace-spans.ts';

/** Lanes by context and task, as the page shows them; everything else refers to that order. */
export function tracePageData(trace: TraceData): TracePageData {
  const spans = traceSpans(trace);
  const order = laneOrder(spans);
  const laneOf = new Map(order.map((index, place) => [index, place] as const));
  const lane = (index: number) => laneOf.get(index) ?? 0;
  const names = [...new Set(spans.calls.map(({ name }) => name))].sort();
  const nameOf = new Map(names.map((name, i) => [name, i] as const));
  const row = (call: CallSpan) => callRow(call, lane(call.lane), nameOf.get(call.name) ?? 0);
  return {
    from: spans.from,
    to: spans.to,
    contexts: contextsOf(trace, spans),
    lanes: order.map((index) => laneData(spans, index)),
    names,
    calls: spans.calls.map(row),
    carries: spans.carries.map((one) => [lane(one.lane), one.context, one.from, one.to]),
    moves: spans.moves.map(({ context, from, to, left, arrived, call }) => [
      context,
      lane(from),
      lane(to),
      left,
      arrived,
      call ?? -1,
    ]),
    marks: spans.marks.map(({ lane: index, at: ts, kind, data }) => [
      lane(index),
      ts,
      kind,
      data ?? null,
    ]),
    errors: errorNames(spans.calls),
  };
}

function laneOrder({ lanes }: Spans): number[] {
  const key = (index: number) => lanes[index] ?? { context: 0, task: 0, tid: 0 };
  return [...lanes.keys()].sort(
    (a, b) =>
      key(a).context - key(b).context || key(a).task - key(b).task || key(a).tid - key(b).tid,
  );
}

function laneData({ lanes }: Spans, index: number): LaneData {
  const { name = '', tid = 0, task = 0, context = 0 } = lanes[index] ?? {};
  return { name, tid, task, context };
}

function contextsOf({ contexts }: TraceData, { lanes }: Spans) {
  const named = new Map(contexts.map(({ context, name }) => [context, name] as const));
  for (const { context } of lanes) {
    if (!named.has(context)) named.set(context, `context ${context}`);
  }
  return [...named].map(([id, name]) => ({ id, name }));
}

function callRow(call: CallSpan, lane: number, name: number): CallRow {
  const { from, to, end, dispatched, blocked = -1, handedOff = -1, result = null } = call;
  return [lane, from, to, name, end, dispatched, blocked, handedOff, result];
}

/** Linux returns no errno beyond this one. */
const MAX_ERRNO = 4095;

function errorNames(calls: readonly CallSpan[]): Readonly<Record<string, string>> {
  const results = new Set(calls.map(({ result = 0 }) => result));
  const errors = [...results].filter((one) => one < 0 && one >= -MAX_ERRNO);
  return Object.fromEntries(errors.map((one) => [one, errorName(one)]));
}
