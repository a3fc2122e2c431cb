import { type Access, Kind } from './access.ts';
import { callSite } from './call-site.ts';
import { ExploreError } from './error.ts';

/** Thrown through the actor where its results end. Code that catches everything catches it too. */
export class Stopped {
  readonly message = 'the explorer stopped this actor here: do not catch it';
}

/** A run of an actor, from its beginning: what it is answered, and how it ended. */
export interface Script {
  /** The accesses that are known, in order; the run is held against them. */
  readonly known: readonly Access[];
  readonly lo: ArrayLike<number>;
  readonly hi: ArrayLike<number>;
  /** How many results there are: as many as `known`, or one less. */
  readonly results: number;
  /** Answers that go on after the results, again and again; 0: none. */
  readonly period: number;
  /** Most accesses that are answered so. */
  readonly limit: number;
  /** The access whose place in the source is wanted. */
  readonly siteOf?: number;
  readonly findSite?: (() => string) | undefined;
}

/**
 * What an actor's memory calls for each access. It answers from the script and stops the actor at
 * the first access that has no answer. Stores need none, so a run goes on past them.
 */
export class Port {
  /** Accesses that the script did not know, in order; all but the last have been answered. */
  readonly found: Access[] = [];
  readonly foundLo: number[] = [];
  readonly foundHi: number[] = [];
  lo = 0;
  hi = 0;
  /** Set once the actor has been stopped. */
  isStopped = false;
  /** How often it came here again after that: it caught what stopped it. */
  caught = 0;
  /** Why its run cannot be used. The actor may have caught the error. */
  failure: ExploreError | undefined;
  /** Where in the user's code the access was made that the script asks for: `file:line:column`. */
  site = '';
  readonly registers = new Map<number, { readonly lo: number; readonly hi: number }>();
  readonly #script: Script;
  readonly #actor: string;
  #position = 0;

  constructor(actor: string, script: Script) {
    this.#actor = actor;
    this.#script = script;
  }

  /** Makes an access; its result is in `lo` and `hi` afterwards. */
  access(made: Access): void {
    if (this.isStopped) this.#stopAgain();
    const at = this.#position++;
    const known = this.#script.known[at];
    if (at === this.#script.siteOf) this.site = this.#script.findSite?.() ?? '';
    if (known !== undefined) this.#compare(known, made);
    else this.found.push(made);
    if (at < this.#script.results) {
      this.lo = this.#script.lo[at] as number;
      this.hi = this.#script.hi[at] as number;
    } else this.#answerNew(made);
  }

  #answerNew(made: Access): void {
    if (made.kind === Kind.store) {
      this.lo = 0;
      this.hi = 0;
    } else if (this.#isPeriodic()) {
      const { results, period } = this.#script;
      const from = results - period + ((this.#position - 1 - results) % period);
      this.lo = this.#script.lo[from] as number;
      this.hi = this.#script.hi[from] as number;
    } else this.#stop();
    this.foundLo.push(this.lo);
    this.foundHi.push(this.hi);
  }

  #isPeriodic(): boolean {
    const { period, results, limit } = this.#script;
    return period > 0 && this.#position - results <= limit;
  }

  #stop(): never {
    this.isStopped = true;
    throw new Stopped();
  }

  #stopAgain(): never {
    this.caught += 1;
    throw new Stopped();
  }

  /** Ends this run as one that cannot be explored. */
  fail(why: ExploreError): never {
    this.failure ??= why;
    return this.#stop();
  }

  #compare(known: Access, made: Access): void {
    if (isSame(known, made)) return;
    this.fail(notFunction(this.#actor, known, made));
  }

  /** The run is over: it must not have ended before what the script knows. */
  finish(): void {
    if (this.isStopped) return;
    const missing = this.#script.known[this.#position];
    if (missing !== undefined) this.failure ??= notFunction(this.#actor, missing, undefined);
  }
}

export function isSame(a: Access, b: Access): boolean {
  return (
    a.kind === b.kind &&
    a.address === b.address &&
    a.size === b.size &&
    a.lo === b.lo &&
    a.hi === b.hi &&
    a.op === b.op &&
    a.order === b.order &&
    a.expectedLo === b.expectedLo &&
    a.expectedHi === b.expectedHi &&
    a.isLimited === b.isLimited
  );
}

function notFunction(actor: string, known: Access, made: Access | undefined): ExploreError {
  const site = made === undefined ? '' : ` at ${callSite()}`;
  const now = made === undefined ? 'it ended' : `it came to ${briefly(made)}${site}`;
  return new ExploreError(
    `actor ${actor} is no function of what it reads: with the same results as before, at ${briefly(known)}, ${now}. Expected no chance (Math.random), no clock (Date, performance.now) and no variables kept from run to run`,
  );
}

function briefly({ kind, address, lo, type }: Access): string {
  const names = ['load', 'store', 'modification', 'wait', 'waitAsync', 'notify', 'await'];
  const value = kind === Kind.store ? ` of ${lo}` : '';
  return `the ${names[kind]}${value} (${type}, byte ${address})`;
}
