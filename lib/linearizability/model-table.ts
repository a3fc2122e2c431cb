import type { Model } from './definition.ts';
import { LinearizabilityError } from './error.ts';
import { type Call, callText, ownArgs } from './program.ts';
import { BLOCKED, type ResultCodes } from './result-codes.ts';
import { stateText, thrownText } from './value-text.ts';

/** How a state was reached: by a call from an earlier one. */
interface Path {
  readonly from: number;
  readonly call: number;
}

/** Paths that lead to a known state are held against the first: so many, then one in so many. */
const FIRST_MET = 64;
const LATER_MET = 8;

/**
 * A model as a table: states and calls are numbers, and each step is made once. A search then walks
 * integers and runs no code of the user's.
 */
export class ModelTable {
  readonly #model: () => Model;
  readonly #codes: ResultCodes;
  readonly #states = new Map<string, number>();
  readonly #paths: (Path | undefined)[] = [];
  readonly #calls: Call[] = [];
  readonly #callIds = new Map<string, number>();
  readonly #next: number[][] = [];
  readonly #results: number[][] = [];
  #met = 0;

  constructor(model: () => Model, codes: ResultCodes) {
    this.#model = model;
    this.#codes = codes;
    this.#state(model(), undefined);
  }

  get states(): number {
    return this.#paths.length;
  }

  /** The number of a call, for `next` and `result`. State 0 is the first. */
  call(call: Call): number {
    const text = callText(call);
    const known = this.#callIds.get(text);
    if (known !== undefined) return known;
    this.#calls.push(call);
    this.#callIds.set(text, this.#calls.length - 1);
    return this.#calls.length - 1;
  }

  /** The state behind a call; the same one where it blocks. */
  next(state: number, call: number): number {
    const known = this.#next[state]?.[call];
    if (known !== undefined) return known;
    this.#make(state, call);
    return this.#next[state]?.[call] as number;
  }

  /** What the call returns, BLOCKED where it cannot be done in this state. */
  result(state: number, call: number): number {
    const known = this.#results[state]?.[call];
    if (known !== undefined) return known;
    this.#make(state, call);
    return this.#results[state]?.[call] as number;
  }

  #make(state: number, call: number): void {
    const model = this.#modelAt(state);
    const code = this.#run(model, call);
    const next = code === BLOCKED ? state : this.#state(model, { from: state, call });
    (this.#next[state] as number[])[call] = next;
    (this.#results[state] as number[])[call] = code;
  }

  /** A fresh model, brought to a state by the calls that led there first. */
  #modelAt(state: number): Model {
    const calls: number[] = [];
    for (let path = this.#paths[state]; path; path = this.#paths[path.from]) calls.push(path.call);
    const model = this.#model();
    for (const call of calls.reverse()) this.#run(model, call);
    return model;
  }

  #run(model: Model, id: number): number {
    const call = this.#calls[id] as Call;
    const args = ownArgs(call);
    try {
      return this.#codes.ofValue(model[call.operation](...args));
    } catch (error) {
      if (error instanceof LinearizabilityError) throw error;
      return this.#codes.ofText(thrownText(error));
    }
  }

  #state(model: Model, path: Path | undefined): number {
    const text = stateText(model);
    const known = this.#states.get(text);
    if (known === undefined) {
      this.#states.set(text, this.#paths.length);
      this.#paths.push(path);
      this.#next.push([]);
      this.#results.push([]);
      return this.#paths.length - 1;
    }
    this.#met++;
    if (this.#met <= FIRST_MET || this.#met % LATER_MET === 0) this.#compare(model, known, text);
    return known;
  }

  /** State that no member shows, such as a closure's, makes two of one text differ. */
  #compare(model: Model, known: number, text: string): void {
    const other = this.#modelAt(known);
    for (const id of this.#calls.keys()) {
      const [a, b] = [this.#run(model, id), this.#run(other, id)];
      if (a === b && stateText(model) === stateText(other)) continue;
      const call = callText(this.#calls[id] as Call);
      throw new LinearizabilityError(
        `the model has state that no member shows: with {${text}}, ${call} gives ${this.#codes.text(a)} or ${this.#codes.text(b)} depending on what came before`,
      );
    }
  }
}
