import { type Context, createContext, Script } from 'node:vm';
import { type Answer, answerTexts } from '../access.ts';
import { callSite } from '../call-site.ts';
import { ExploreError } from '../error.ts';
import { instrumentedAtomics } from './atomics.ts';
import { DirectPort } from './direct-port.ts';
import { Accesses, type PortHolder } from './instrument.ts';
import { limited, RanTooLong } from './limited.ts';
import { RealmModules } from './realm-modules.ts';
import { TypedViews } from './typed-views.ts';

type Globals = Record<string, unknown>;

/** Longest time that an actor may go on without an access. */
const DEFAULT_PATIENCE_MS = 10_000;
const LOADING_MS = 600_000;
const JOB = '__sysletsJob';
const job = new Script(`${JOB}()`);

/** Realm's functions that make promises, so that their jobs are the realm's. */
const HELPERS = `({
  deferred() { let keep; const promise = new Promise((kept) => { keep = kept; }); return { promise, keep }; },
  follow(promise, box) {
    promise.then((value) => { box.isSettled = true; box.value = value; }, (error) => { box.isSettled = true; box.error = error; box.isRejected = true; });
  },
})`;

interface Deferred {
  readonly promise: object;
  keep(answer: string): void;
}

export interface Box {
  isSettled?: boolean;
  isRejected?: boolean;
  value?: unknown;
  error?: unknown;
}

interface Helpers {
  deferred(): Deferred;
  follow(promise: unknown, box: Box): void;
}

/**
 * A world of its own for one actor, as a worker has: its modules, its globals, and typed arrays,
 * DataViews and Atomics that tell each access to shared memory.
 */
export class Realm implements PortHolder {
  port = new DirectPort(new Uint8Array(0), 'loading') as PortHolder['port'];
  readonly views: TypedViews;
  readonly accesses = new Accesses(this);
  readonly modules: RealmModules;
  readonly globals: Globals;
  /** While it is set, chance and clocks fail the run: what they say is not in the results. */
  refuse: ((error: ExploreError) => never) | undefined;
  readonly #context: Context;
  readonly #helpers: Helpers;
  readonly #patienceMs: number;
  #waiters: Deferred[] = [];
  /** Where runs were starved, later ones have more time by the clock. */
  #slowness = 1;

  constructor(patienceMs = DEFAULT_PATIENCE_MS) {
    this.#patienceMs = patienceMs;
    this.#context = createContext({}, { microtaskMode: 'afterEvaluate' });
    this.globals = new Script('globalThis').runInContext(this.#context) as Globals;
    this.#helpers = new Script(HELPERS).runInContext(this.#context) as Helpers;
    this.views = new TypedViews(this.accesses, this.globals);
    this.#addGlobals();
    this.modules = new RealmModules(this.#context);
  }

  /** As limited() has it. */
  get loadingMs(): number {
    return Math.max(LOADING_MS, this.#patienceMs);
  }

  /** Loads a file. That may take its time. */
  load(file: string): unknown {
    return this.run(() => this.modules.load(file).default, this.loadingMs);
  }

  /** Runs code of the realm; jobs of its promises have run when it returns. */
  run<T>(code: () => T, patienceMs = this.#patienceMs): T {
    let result: T | undefined;
    Object.defineProperty(this.globals, JOB, {
      value: () => {
        result = code();
      },
      configurable: true,
    });
    try {
      limited(job, this.#context, patienceMs, this.#slowness);
    } catch (error) {
      if (error instanceof RanTooLong && error.isStarved) this.#slowness *= 2;
      throw error;
    }
    return result as T;
  }

  /** Notes in `box` when a promise of the realm is settled. */
  follow(promise: unknown, box: Box): void {
    this.#helpers.follow(promise, box);
  }

  /** Before a run: promises of the one before are forgotten. */
  forget(): void {
    this.#waiters = [];
  }

  get promises(): number {
    return this.#waiters.length;
  }

  /** Keeps the promise of a waiter. */
  keep(waiter: number, answer: number): void {
    this.#waiters[waiter]?.keep(answerTexts[answer as typeof Answer.ok]);
  }

  #addGlobals(): void {
    const { globals } = this;
    const make = () => {
      const deferred = this.#helpers.deferred();
      this.#waiters.push(deferred);
      return deferred.promise;
    };
    const native = globals.Atomics as object;
    globals.Atomics = instrumentedAtomics(native, this.views, this.accesses, { make });
    this.#addHostGlobals();
    this.#watchChance();
  }

  #addHostGlobals(): void {
    const { globals, views } = this;
    const escapes = this.#escapes.bind(this);
    Object.assign(globals, { console, URL, URLSearchParams, TextEncoder, Buffer });
    globals.process = this.#harmlessProcess();
    globals.TextDecoder = class extends TextDecoder {
      override decode(input?: ArrayBuffer | null, options?: object): string {
        escapes(input, 'TextDecoder.decode');
        return super.decode(input, options);
      }
    };
    globals.structuredClone = (value: unknown, options?: object) => {
      escapes(value, 'structuredClone');
      return structuredClone(value, options);
    };
    this.#refuseHalfFloats();
    const { isView } = globals.ArrayBuffer as typeof ArrayBuffer;
    (globals.ArrayBuffer as { isView: unknown }).isView = (value: unknown) =>
      views.infos.has(Object(value) as object) || isView(value);
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'fetch']) {
      globals[name] = () => this.#refuse(name, 'only waitAsync may be waited for');
    }
  }

  /** The process of an actor is the explorer's: it does not end by what an actor does. */
  #harmlessProcess(): NodeJS.Process {
    const ends = ['kill', 'exit', 'abort', 'reallyExit'].map((name) => {
      const value = () => this.#refuse(`process.${name}`, 'it would end the explorer');
      return [name, { value }];
    });
    return Object.create(process, Object.fromEntries(ends));
  }

  /** Not among the instrumented arrays: over shared memory it would be one of nothing. */
  #refuseHalfFloats(): void {
    const native = this.globals.Float16Array as (new (...args: unknown[]) => object) | undefined;
    if (!native) return;
    const escapes = this.#escapes.bind(this);
    this.globals.Float16Array = class Float16Array extends native {
      constructor(...args: unknown[]) {
        escapes(args[0], 'new Float16Array');
        super(...args);
      }
    };
  }

  /** A native function would read memory that is not there. */
  #escapes(value: unknown, where: string): void {
    const given = Object(value) as object;
    if (!this.views.infos.has(given) && !this.views.blocks.has(given)) return;
    this.#refuse(
      `${where} with a view of shared memory`,
      'its accesses cannot be followed. Copy the view first: Array.from(view)',
    );
  }

  /** Math.random and clocks, which give another answer in the next run of the same actor. */
  #watchChance(): void {
    const math = this.globals.Math as Math;
    const { random } = math;
    math.random = () => this.#guarded('Math.random', random);
    this.globals.performance = {
      now: () => this.#guarded('performance.now', () => performance.now()),
    };
    const date = this.globals.Date as DateConstructor;
    const { now } = date;
    const guarded = (name: string, get: () => number) => this.#guarded(name, get);
    this.globals.Date = new Proxy(date, {
      apply: () => String(new date(guarded('Date', now))),
      construct: (target, args, newTarget) =>
        Reflect.construct(target, args.length === 0 ? [guarded('Date', now)] : args, newTarget),
      get: (target, key, receiver) =>
        key === 'now' ? () => guarded('Date.now', now) : Reflect.get(target, key, receiver),
    });
  }

  #guarded(name: string, get: () => number): number {
    if (this.refuse) this.#refuse(name, 'each run of it must do the same for the same results');
    return get();
  }

  #refuse(name: string, why: string): never {
    const error = new ExploreError(`it calls ${name} at ${callSite()}: ${why}`);
    if (this.refuse) return this.refuse(error);
    throw error;
  }
}
