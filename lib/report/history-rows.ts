import { grouped } from './numbers.ts';
import type { FailedHistory, HistoryCall, MisfitHistory } from './result.ts';

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
 * A row for each moment, a column for each thread. A call during which no other begins or ends has
 * one row; else one for its begin and one for its end.
 */
export function historyRows({ threads }: MisfitHistory): HistoryCell[][] {
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

/**
 * An order of begins and ends that the stamps allow, in which calls overlap as long as they may have:
 * a call begins as soon as those have ended that ended before it, and its thread's last.
 */
function eventsOf(threads: MisfitHistory['threads']): Event[] {
  const left = threads.map((calls) => [...calls]);
  const going: (HistoryCall | undefined)[] = threads.map(() => undefined);
  const events: Event[] = [];
  for (;;) {
    const open = [...going.filter((call) => call !== undefined), ...left.flat()];
    const firstEnd = Math.min(...open.map(endOf));
    const thread = left.findIndex(([call], one) => call && !going[one] && call.begin <= firstEnd);
    const next = thread >= 0 ? left[thread]?.shift() : undefined;
    if (next) {
      going[thread] = next;
      events.push({ thread, call: next, isEnd: false });
      continue;
    }
    const ended = firstOf(going);
    const call = going[ended];
    if (!call) return events;
    going[ended] = undefined;
    events.push({ thread: ended, call, isEnd: true });
  }
}

/** The thread whose call ends first. */
function firstOf(going: readonly (HistoryCall | undefined)[]): number {
  const ends = going.map((call) => (call ? endOf(call) : Number.POSITIVE_INFINITY));
  return ends.indexOf(Math.min(...ends));
}

/** One that never returns ends behind all others. */
function endOf({ end }: HistoryCall): number {
  return end ?? Number.MAX_VALUE;
}

function cellOf({ call, isEnd }: Event, isWhole: boolean): HistoryCell {
  const result = call.end === null ? 'never returns' : `→ ${call.result}`;
  if (isWhole) return { text: `${call.call} ${result}`, part: 'whole' };
  return isEnd ? { text: result, part: 'end' } : { text: call.call, part: 'begin' };
}

function passing(call: HistoryCall | undefined): HistoryCell {
  return call ? { text: '', part: 'on' } : { text: '', part: 'none' };
}

/** A call in it never returns. */
function hangs({ threads }: MisfitHistory): boolean {
  return threads.some((calls) => calls.some(({ end }) => end === null));
}

/** How often it was seen, in a sentence. */
export function rateText(failed: FailedHistory): string {
  const { misfits, of, ms } = failed;
  if (of === 0) return 'how often it comes was not measured';
  if (hangs(failed))
    return `it hung in ${misfits} of ${of} runs of up to ${Math.round(ms / of)} ms`;
  if (misfits === 0) return 'it was not seen again when it was counted how often it comes';
  const each = Math.round(of / misfits);
  const perSecond = (misfits * 1000) / ms;
  const rate =
    perSecond >= 1
      ? `${grouped(Math.round(perSecond))} failures a second`
      : `one failure in ${Math.round(1 / perSecond)} s`;
  const share = each <= 1 ? 'each history' : `1 of ${grouped(each)} histories`;
  return `${share} of this program fails: ${rate}`;
}
