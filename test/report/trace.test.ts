import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ChromeEvent,
  chromeEvents,
  chromeTrace,
  userSpans,
} from '../../lib/report/chrome-trace.ts';
import { TRACE_KINDS, type TraceData, type TraceEvent } from '../../lib/report/trace-data.ts';
import { tracePageData } from '../../lib/report/trace-page-data.ts';
import { traceSpans } from '../../lib/report/trace-spans.ts';
import { simulate } from './trace-simulator.ts';

const randomTrace = fc
  .record({ seed: fc.nat(), contexts: fc.integer({ min: 1, max: 3 }), calls: fc.nat({ max: 60 }) })
  .map(simulate);

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Whether no two of these meet in more than one moment. */
function areApart(spans: readonly Span[]): boolean {
  const sorted = [...spans].sort((a, b) => a.from - b.from || a.to - b.to);
  return sorted.every(({ from }, i) => from >= (sorted[i - 1]?.to ?? 0));
}

function groups<T>(list: readonly T[], key: (one: T) => number): T[][] {
  const found = new Map<number, T[]>();
  for (const one of list) found.set(key(one), [...(found.get(key(one)) ?? []), one]);
  return [...found.values()];
}

test('calls, hand-offs and dispatches of a trace are found, none more', () => {
  fc.assert(
    fc.property(randomTrace, ({ trace, moves, inline, dispatched }) => {
      const spans = traceSpans(trace);
      expect(spans.moves).toHaveLength(moves);
      expect(spans.calls.filter(({ end }) => end === 'inline')).toHaveLength(inline);
      expect(spans.calls.filter((call) => call.dispatched)).toHaveLength(dispatched);
      expect(spans.calls).toHaveLength(moves + inline + dispatched);
      expect(spans.calls.filter((call) => call.handedOff !== undefined)).toHaveLength(moves);
    }),
  );
});

test('a context is carried by one thread at any time, and a thread makes one call', () => {
  fc.assert(
    fc.property(randomTrace, ({ trace }) => {
      const { carries, calls } = traceSpans(trace);
      expect(groups(carries, ({ context }) => context).every(areApart)).toBe(true);
      expect(groups(calls, ({ lane }) => lane).every(areApart)).toBe(true);
    }),
  );
});

test('each hand-off leads from the end of one carrying to the beginning of the next', () => {
  fc.assert(
    fc.property(randomTrace, ({ trace }) => {
      const { carries, moves } = traceSpans(trace);
      for (const { context, from, to, left, arrived } of moves) {
        const own = carries.filter((one) => one.context === context);
        expect(own.some((one) => one.lane === from && one.to === left)).toBe(true);
        expect(own.some((one) => one.lane === to && one.from === arrived)).toBe(true);
      }
    }),
  );
});

test('the order in which events are given makes no difference', () => {
  const { trace } = simulate({ seed: 1, contexts: 2 });
  const other = { ...trace, events: [...trace.events].reverse() };
  // events of one moment keep the order that they came in
  const moments = new Set(trace.events.map(({ ts }) => ts));
  expect(moments.size).toBe(trace.events.length);
  expect(traceSpans(other)).toEqual(traceSpans(trace));
});

/** A task has one OS thread. */
const anyEvent: fc.Arbitrary<TraceEvent> = fc
  .record({
    ts: fc.nat({ max: 1000 }),
    context: fc.nat({ max: 1 }),
    task: fc.nat({ max: 2 }),
    kind: fc.constantFrom(...TRACE_KINDS),
    data: fc.integer({ min: -200, max: 5 }),
  })
  .map((event) => ({ ...event, tid: event.context * 10 + event.task }));

/** What a trace with lost events looks like, and worse. */
const anyTrace: fc.Arbitrary<TraceData> = fc
  .record({ events: fc.array(anyEvent, { maxLength: 40 }), carrier: fc.nat({ max: 4 }) })
  .map(({ events, carrier }) => ({
    ...simulate({ seed: 0, calls: 0 }).trace,
    contexts: [{ context: 0, name: 'main', carrier }],
    events,
  }));

test('whatever was lost, spans end after they begin, threads make one call, contexts have one carrier', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      const { calls, carries, moves, from, to } = traceSpans(trace);
      for (const span of [...calls, ...carries]) {
        expect(span.from).toBeLessThanOrEqual(span.to);
        expect(span.from).toBeGreaterThanOrEqual(from);
        expect(span.to).toBeLessThanOrEqual(to);
      }
      expect(groups(calls, ({ lane }) => lane).every(areApart)).toBe(true);
      expect(groups(carries, ({ context }) => context).every(areApart)).toBe(true);
      expect(moves.every((move) => move.from !== move.to)).toBe(true);
      expect(tracePageData(trace).calls).toHaveLength(calls.length);
    }),
  );
});

type Slice = Required<Pick<ChromeEvent, 'ts' | 'dur' | 'tid' | 'name'>>;

function slicesOf(events: readonly ChromeEvent[]): Slice[] {
  return events.filter(({ ph }) => ph === 'X') as Slice[];
}

/** Perfetto drops slices of a thread that overlap without nesting. */
function nest(slices: readonly Slice[]): boolean {
  const open: number[] = [];
  return slices
    .map(({ ts, dur }) => [Math.round(ts * 1000), Math.round((ts + dur) * 1000)] as const)
    .sort((a, b) => a[0] - b[0] || b[1] - a[1])
    .every(([from, to]) => {
      while ((open.at(-1) ?? Number.POSITIVE_INFINITY) <= from) open.pop();
      const fits = (open.at(-1) ?? Number.POSITIVE_INFINITY) >= to;
      open.push(to);
      return fits;
    });
}

test('slices of a thread nest in the Chrome JSON, whatever was lost', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyTrace,
        randomTrace.map(({ trace }) => trace),
      ),
      (trace) => {
        const slices = slicesOf([...chromeEvents(trace)]);
        expect(groups(slices, ({ tid }) => tid).every(nest)).toBe(true);
      },
    ),
    { numRuns: 1000 },
  );
});

test('a thread that carries again while its call lasts makes no user slice beside the call', () => {
  const event = (ts: number, task: number, kind: TraceEvent['kind']): TraceEvent => {
    return { ts, context: 1, task, tid: task, kind, data: 0 };
  };
  const events = [event(0, 0, 'enter'), event(1, 1, 'resume'), event(2, 0, 'resume')];
  events.push(event(30, 0, 'completion'), event(40, 0, 'wake'));
  const spans = traceSpans({ ...simulate({ seed: 0, calls: 0 }).trace, contexts: [], events });
  const lane = spans.lanes.findIndex(({ context, task }) => context === 1 && task === 0);
  const user = userSpans(spans).filter((one) => one.lane === lane);
  expect(user.map(({ from, to }) => [from, to])).toEqual([[30, 40]]);
});

test('each hand-off is an arrow from a slice of one thread to a slice of another', () => {
  fc.assert(
    fc.property(randomTrace, ({ trace, moves }) => {
      const events = [...chromeEvents(trace)];
      const slices = slicesOf(events);
      const holds = ({ ts = 0, tid }: ChromeEvent) =>
        slices.some((one) => one.tid === tid && one.ts <= ts && ts <= one.ts + one.dur + 1e-6);
      const starts = events.filter(({ ph }) => ph === 's');
      const ends = events.filter(({ ph }) => ph === 'f');
      expect(starts).toHaveLength(moves);
      expect(ends.map(({ id }) => id)).toEqual(starts.map(({ id }) => id));
      expect(starts.every(holds)).toBe(true);
      expect(ends.every(holds)).toBe(true);
      expect(ends.every(({ bp }) => bp === 'e')).toBe(true);
    }),
  );
});

test('the Chrome JSON is JSON, names its threads, and its times are in microseconds', () => {
  const { trace } = simulate({ seed: 4, calls: 3 });
  const { traceEvents } = JSON.parse([...chromeTrace(trace)].join('')) as {
    traceEvents: ChromeEvent[];
  };
  expect(traceEvents.filter(({ name }) => name === 'process_name')).toEqual([
    { ph: 'M', pid: 1000, tid: 0, name: 'process_name', args: { name: 'node walk.mjs /usr' } },
  ]);
  const names = traceEvents
    .filter(({ name }) => name === 'thread_name')
    .map(({ args }) => args?.name);
  expect(names).toEqual(trace.tasks.map(({ name, task }) => `${name} (main, task ${task})`));
  const first = trace.events.find(({ kind }) => kind === 'enter');
  expect(traceEvents.some(({ ph, ts }) => ph === 'X' && ts === (first?.ts ?? 0) / 1000)).toBe(true);
});

test('user mode is what is left of a carrying between its calls', () => {
  fc.assert(
    fc.property(randomTrace, ({ trace }) => {
      const spans = traceSpans(trace);
      const user = userSpans(spans);
      const onLane = groups(
        [...user, ...spans.calls.filter((one) => !one.dispatched)],
        (one) => one.lane,
      );
      expect(onLane.every(areApart)).toBe(true);
      const length = (list: readonly Span[]) =>
        list.reduce((sum, { from, to }) => sum + to - from, 0);
      const carried = spans.calls
        .filter((one) => !one.dispatched)
        .map(({ from, to, handedOff }) => ({ from, to: handedOff ?? to }));
      expect(length(user)).toBe(length(spans.carries) - length(carried));
    }),
  );
});

test('an empty trace is one too', () => {
  const { trace } = simulate({ seed: 0, calls: 0 });
  expect(traceSpans({ ...trace, tasks: [], contexts: [] })).toMatchObject({ calls: [], moves: [] });
  expect(() => JSON.parse([...chromeTrace(trace)].join(''))).not.toThrow();
});
