import type { FailedHistory, HistoryCall } from './result.ts';

/** A cell of a history's table: what one thread does at one moment. */
export interface HistoryCell {
  readonly text: string;
  /** How the call lies in time: whole, its begin, its end, or going on. */
  readonly part: 'whole' | 'begin' | 'end' | 'on' | 'none';
}

interface Event {
  readonly thread: number;
  readonly call: HistoryCall;
  readonly isEnd: boolean;
}

/**
 * A row for each moment, a column for each thread. A call that overlaps no other has one row; else
 * one for its begin and one for its end.
 */
export function historyRows({ threads }: FailedHistory): HistoryCell[][] {
  const events = eventsOf(threads);
  const going: (HistoryCall | undefined)[] = threads.map(() => undefined);
  const rows: HistoryCell[][] = [];
  for (let at = 0; at < events.length; at++) {
    const event = events[at] as Event;
    const next = events[at + 1];
    const isWhole = !event.isEnd && next?.call === event.call;
    rows.push(
      going.map((call, thread) =>
        thread === event.thread ? cellOf(event, isWhole) : passing(call),
      ),
    );
    going[event.thread] = event.isEnd || isWhole ? undefined : event.call;
    if (isWhole) at++;
  }
  return rows;
}

/** Begins and ends in the order of their stamps: a call begins behind the ends that it counted. */
function eventsOf(threads: FailedHistory['threads']): Event[] {
  const events = threads.flatMap((calls, thread) =>
    calls.flatMap((call): (Event & { readonly at: number })[] => [
      { thread, call, isEnd: false, at: call.begin * 2 },
      { thread, call, isEnd: true, at: call.end === null ? Number.MAX_VALUE : call.end * 2 + 1 },
    ]),
  );
  return events.sort((a, b) => a.at - b.at);
}

function cellOf({ call, isEnd }: Event, isWhole: boolean): HistoryCell {
  const result = call.end === null ? 'never returns' : `→ ${call.result}`;
  if (isWhole) return { text: `${call.call} ${result}`, part: 'whole' };
  return isEnd ? { text: result, part: 'end' } : { text: call.call, part: 'begin' };
}

function passing(call: HistoryCall | undefined): HistoryCell {
  return call ? { text: '', part: 'on' } : { text: '', part: 'none' };
}

const THREADS = 'ABCD';

export function threadName(thread: number): string {
  return THREADS[thread] ?? String(thread);
}

/** How often it was seen, in a sentence. */
export function rateText({ misfits, of, ms }: FailedHistory): string {
  if (misfits === 0) return 'it was not seen again when it was counted how often it comes';
  const each = Math.round(of / misfits);
  const perSecond = (misfits * 1000) / ms;
  const rate =
    perSecond >= 1 ? `${Math.round(perSecond)} a second` : `one in ${Math.round(1 / perSecond)} s`;
  return each <= 1 ? `each of its histories: ${rate}` : `1 in ${each} of its histories: ${rate}`;
}
