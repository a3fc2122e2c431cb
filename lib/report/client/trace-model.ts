import type { CallRow, CarryRow, MarkRow, TracePageData } from '../trace-page-types.ts';

/** What belongs to one OS thread, in order of time: rows, or indices of rows. */
export interface Lane {
  readonly index: number;
  readonly calls: number[];
  readonly carries: CarryRow[];
  readonly marks: MarkRow[];
}

/** What the mouse or a key has chosen: an index into calls or moves. */
export interface Choice {
  readonly kind: 'call' | 'move';
  readonly index: number;
}

export class Model {
  readonly data: TracePageData;
  readonly lanes: readonly Lane[];
  /** Place of a context in the list: its colour. */
  readonly contextOrder: ReadonlyMap<number, number>;

  constructor(data: TracePageData) {
    this.data = data;
    this.lanes = data.lanes.map((_, index) => ({ index, calls: [], carries: [], marks: [] }));
    for (const [index, call] of data.calls.entries()) this.lanes[call[0]]?.calls.push(index);
    for (const carry of data.carries) this.lanes[carry[0]]?.carries.push(carry);
    for (const mark of data.marks) this.lanes[mark[0]]?.marks.push(mark);
    for (const { carries } of this.lanes) carries.sort((a, b) => a[2] - b[2]);
    this.contextOrder = new Map(data.contexts.map(({ id }, i) => [id, i] as const));
  }

  call(index: number): CallRow {
    const row = this.data.calls[index];
    if (!row) throw new Error(`there is no call ${index}`);
    return row;
  }

  /** Threads to which something happened; all, where idle ones are wanted too. */
  shown(withIdle: boolean): readonly Lane[] {
    if (withIdle) return this.lanes;
    return this.lanes.filter(
      ({ calls, carries, marks }) => calls.length + carries.length + marks.length > 0,
    );
  }

  spanOf({ kind, index }: Choice): readonly [from: number, to: number] {
    if (kind === 'call') {
      const [, from, to] = this.call(index);
      return [from, to];
    }
    const [, , , left = 0, arrived = 0] = this.data.moves[index] ?? [];
    return [left, arrived];
  }

  laneOf({ kind, index }: Choice): number {
    return kind === 'call' ? this.call(index)[0] : (this.data.moves[index]?.[2] ?? 0);
  }
}

/** The first place of a sorted list where `isAfter` holds; its length if nowhere. */
export function firstWhere<T>(list: readonly T[], isAfter: (one: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(list[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
