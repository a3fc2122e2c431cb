import { isAboutDelivery } from './condition.ts';
import type { Structure } from './definition.ts';
import { checkDelivery, type DeliveryPlan } from './delivery.ts';
import type { History } from './history.ts';
import { ModelTable } from './model-table.ts';
import { precedence } from './precedence.ts';
import { type Call, ownArgs, type Program } from './program.ts';
import { LOST, ResultCodes } from './result-codes.ts';
import { type Closest, Search, type Verdict } from './search.ts';
import { valueText } from './value-text.ts';

/** A table with more states than this is begun anew with the next program. */
const MAX_STATES = 50_000;

/** Checks histories of one structure; keeps what it has found out about the model. */
export class Checker {
  readonly structure: Structure;
  readonly codes = new ResultCodes();
  #table: ModelTable | undefined;

  constructor(structure: Structure) {
    this.structure = structure;
  }

  /** The check of one program's histories. */
  of(program: Program, maxConfigs?: number): ProgramChecker {
    const { model } = this.structure;
    if (this.#table && this.#table.states > MAX_STATES) this.#table = undefined;
    if (model) this.#table ??= new ModelTable(model, this.codes);
    return new ProgramChecker(this.structure, this.codes, this.#table, program, maxConfigs);
  }
}

/** An order of some calls that explains them, and what the model would do next. */
export interface NearOrder {
  readonly calls: readonly number[];
  /** Calls that could come next, with what the model returns where the history has another result. */
  readonly next: readonly { readonly call: number; readonly model: string }[];
}

export class ProgramChecker {
  readonly calls: readonly Call[];
  readonly thread: Int32Array;
  readonly #structure: Structure;
  readonly #codes: ResultCodes;
  readonly #table: ModelTable | undefined;
  readonly #ids: readonly number[];
  readonly #search: Search | undefined;
  readonly #groups: readonly number[];
  readonly #before: Int32Array;

  constructor(
    structure: Structure,
    codes: ResultCodes,
    table: ModelTable | undefined,
    program: Program,
    maxConfigs?: number,
  ) {
    this.#structure = structure;
    this.#codes = codes;
    this.calls = program.threads.flat();
    this.thread = Int32Array.from(program.threads.flatMap((calls, i) => calls.map(() => i)));
    const isSearched = table !== undefined && !isAboutDelivery(structure.condition);
    this.#table = isSearched ? table : undefined;
    this.#ids = isSearched ? this.calls.map((call) => table.call(call)) : [];
    this.#search = isSearched ? new Search(table, this.#ids, maxConfigs) : undefined;
    this.#groups = groupsOf(structure, this.calls);
    this.#before = new Int32Array(this.calls.length);
  }

  check(history: History): Verdict {
    if (!this.#search) {
      const verdict = checkDelivery(this.#plan(), history);
      return typeof verdict === 'string' ? verdict : 'does not';
    }
    if (history.result.includes(LOST)) return 'undecided';
    precedence(this.#structure.condition, history, this.thread, this.#before);
    let all: Verdict = 'fits';
    for (const group of this.#groups) {
      const verdict = this.#search.run(history, this.#before, group);
      if (verdict === 'does not') return verdict;
      if (verdict === 'undecided') all = verdict;
    }
    return all;
  }

  /** Why a history does not fit, in a line; undefined where the orders that came closest say it. */
  why(history: History): string | undefined {
    if (this.#search) return undefined;
    const verdict = checkDelivery(this.#plan(), history);
    return typeof verdict === 'string' ? undefined : verdict.why;
  }

  /** The orders that came closest, of the calls that do not fit. */
  near(history: History): readonly NearOrder[] {
    const [search, table] = [this.#search, this.#table];
    if (!search || !table) return [];
    precedence(this.#structure.condition, history, this.thread, this.#before);
    const group = this.#groups.find((one) => search.run(history, this.#before, one) === 'does not');
    if (group === undefined) return [];
    return search
      .closest(history, this.#before, group)
      .map((closest) => this.#near(closest, table, group));
  }

  #near({ order, state }: Closest, table: ModelTable, group: number): NearOrder {
    const done = order.reduce((set, call) => set | (1 << call), 0);
    const next = [...this.calls.keys()]
      .filter((call) => (group & ~done & (1 << call)) !== 0)
      .filter((call) => ((this.#before[call] as number) & group & ~done) === 0)
      .map((call) => ({
        call,
        model: this.#codes.text(table.result(state, this.#ids[call] as number)),
      }));
    return { calls: order, next };
  }

  #plan(): DeliveryPlan {
    const { calls, thread } = this;
    return { structure: this.#structure, calls, thread, codes: this.#codes };
  }
}

/** Calls by key, as bits: a history fits where its part for each key does (P-compositionality). */
function groupsOf({ operations }: Structure, calls: readonly Call[]): number[] {
  const all = 2 ** calls.length - 1;
  if ([...operations.values()].some(({ key }) => !key)) return [all];
  const groups = new Map<string, number>();
  for (const [index, call] of calls.entries()) {
    const key = valueText(operations.get(call.operation)?.key?.(...ownArgs(call)));
    groups.set(key, (groups.get(key) ?? 0) | (1 << index));
  }
  return [...groups.values()];
}
