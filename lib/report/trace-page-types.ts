import type { CallEnd } from './trace-spans.ts';

/** lane, from, to, name, end, dispatched, blocked or -1, handed off or -1, result or null. */
export type CallRow = readonly [
  number,
  number,
  number,
  number,
  CallEnd,
  boolean,
  number,
  number,
  number | null,
];

/** lane, context, from, to */
export type CarryRow = readonly [number, number, number, number];

/** context, lane that was left, lane that was reached, when it was left, when reached, call or -1 */
export type MoveRow = readonly [number, number, number, number, number, number];

/** lane, time, kind, data or null */
export type MarkRow = readonly [number, number, string, number | null];

/** What the timeline's script reads. Rows instead of objects: a trace has very many. */
export interface TracePageData {
  readonly from: number;
  readonly to: number;
  readonly contexts: readonly { readonly id: number; readonly name: string }[];
  readonly lanes: readonly LaneData[];
  /** Names of calls. */
  readonly names: readonly string[];
  readonly calls: readonly CallRow[];
  readonly carries: readonly CarryRow[];
  readonly moves: readonly MoveRow[];
  readonly marks: readonly MarkRow[];
  /** Names of the negative results that occur. */
  readonly errors: Readonly<Record<string, string>>;
}

export interface LaneData {
  readonly name: string;
  readonly tid: number;
  readonly task: number;
  readonly context: number;
}
