import { ConfigSet } from './config-set.ts';
import type { History } from './history.ts';
import type { ModelTable } from './model-table.ts';
import { BLOCKED, CANCELLED, PENDING } from './result-codes.ts';

export type Verdict = 'fits' | 'does not' | 'undecided';

/** A search that looks at more configurations than this is given up. */
export const MAX_CONFIGS = 100_000;

/** The furthest that a search has come. */
export interface Closest {
  readonly order: readonly number[];
  readonly state: number;
}

const MOST_CLOSEST = 3;

/**
 * Looks for an order of the calls that the model explains: Wing and Gong's search with Lowe's
 * improvements. A configuration - which calls are in the order, and the model's state - is looked
 * at once; and what returned first is tried first, so that others are put in just before it needs
 * them.
 */
export class Search {
  readonly #table: ModelTable;
  /** Of each call, its number in the table. */
  readonly #calls: readonly number[];
  readonly #seen = new ConfigSet();
  readonly #maxConfigs: number;
  readonly #byEnd: Int32Array;
  readonly #order: Int32Array;
  #history!: History;
  #before!: Int32Array;
  #wanted = 0;
  #pending = 0;
  #depth = 0;
  #isBounded = false;
  #closest: Closest[] | undefined;

  constructor(table: ModelTable, calls: readonly number[], maxConfigs = MAX_CONFIGS) {
    this.#table = table;
    this.#calls = calls;
    this.#maxConfigs = maxConfigs;
    this.#byEnd = new Int32Array(calls.length);
    this.#order = new Int32Array(calls.length);
  }

  /** Whether the calls of `group`, as bits, can be ordered. */
  run(history: History, before: Int32Array, group: number): Verdict {
    this.#history = history;
    this.#before = before;
    this.#prepare(group);
    if (this.#from(0, 0)) return 'fits';
    return this.#isBounded ? 'undecided' : 'does not';
  }

  /** The longest beginnings of an order that a search of these calls comes to. */
  closest(history: History, before: Int32Array, group: number): readonly Closest[] {
    this.#closest = [];
    this.run(history, before, group);
    const found = this.#closest;
    this.#closest = undefined;
    return found;
  }

  #prepare(group: number): void {
    this.#seen.clear();
    this.#isBounded = false;
    this.#wanted = 0;
    this.#pending = 0;
    this.#depth = 0;
    const { end, result } = this.#history;
    for (let call = 0; call < result.length; call++) {
      const bit = 1 << call;
      if ((group & bit) === 0) continue;
      if (result[call] === PENDING) this.#pending |= bit;
      else this.#wanted |= bit;
    }
    this.#sort(end);
  }

  #sort(end: Int32Array): void {
    const sorted = this.#byEnd;
    for (let call = 0; call < sorted.length; call++) {
      let at = call;
      for (; at > 0 && (end[sorted[at - 1] as number] as number) > (end[call] as number); at--) {
        sorted[at] = sorted[at - 1] as number;
      }
      sorted[at] = call;
    }
  }

  #from(done: number, state: number): boolean {
    if (done === this.#wanted) return this.#isEnd(state);
    if (!this.#seen.add(done, state)) return false;
    if (this.#seen.size > this.#maxConfigs) {
      this.#isBounded = true;
      return false;
    }
    for (let at = 0; at < this.#byEnd.length; at++) {
      const call = this.#byEnd[at] as number;
      const bit = 1 << call;
      if ((this.#wanted & bit) === 0 || (done & bit) !== 0) continue;
      if ((this.#before[call] as number) & this.#wanted & ~done) continue;
      const next = this.#step(state, call);
      if (next < 0) continue;
      this.#order[this.#depth++] = call;
      if (this.#from(done | bit, next)) return true;
      this.#depth--;
      if (this.#isBounded) return false;
    }
    if (this.#closest) this.#keep(state);
    return false;
  }

  /** The state behind the call; negative where it would have returned something else. */
  #step(state: number, call: number): number {
    const id = this.#calls[call] as number;
    const expected = this.#table.result(state, id);
    const seen = this.#history.result[call];
    // it gave up, and did nothing
    if (seen === CANCELLED) return state;
    return expected === seen && expected !== BLOCKED ? this.#table.next(state, id) : -1;
  }

  /** A call that never returned must be one that waits, for ever. */
  #isEnd(state: number): boolean {
    for (let call = 0, rest = this.#pending; rest !== 0; call++, rest >>>= 1) {
      if ((rest & 1) === 0) continue;
      if (this.#table.result(state, this.#calls[call] as number) !== BLOCKED) {
        if (this.#closest) this.#keep(state);
        return false;
      }
    }
    return true;
  }

  #keep(state: number): void {
    const kept = this.#closest as Closest[];
    const longest = kept[0]?.order.length ?? -1;
    if (this.#depth < longest || (this.#depth === longest && kept.length === MOST_CLOSEST)) return;
    if (this.#depth > longest) kept.length = 0;
    kept.push({ order: [...this.#order.subarray(0, this.#depth)], state });
  }
}
