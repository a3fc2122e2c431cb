import type { Site } from '../loop/index.ts';

/** What a call gives: its result if nothing blocked, a promise of it if something did. */
export type MaybePromise<T> = T | Promise<T>;

export interface SysOptions {
  /** Ends a call that blocks: it rejects with an AbortError whose cause is the signal's reason. */
  readonly signal?: AbortSignal;
  /** Ends a call that blocks for longer: it rejects with a TimeoutError, code ETIMEDOUT. */
  readonly timeoutMs?: number;
  /** The process may end while this call is pending. */
  readonly unref?: boolean;
  /** Predicts for this place of the program alone whether the call blocks. */
  readonly site?: Site;
}

/** Options that were read once and checked. */
export type CheckedOptions = {
  readonly [name in keyof SysOptions]-?: SysOptions[name] | undefined;
};

/** A parameter: its JavaScript arguments (a tuple of one, with its name) and how they are stored. */
export interface Param<A extends readonly unknown[] = readonly unknown[]> {
  readonly name: string;
  /** Registers that it takes. */
  readonly registers: number;
  /** A function that stores a value from register `at` on. */
  readonly encoder: (at: number) => Encoder;
  /** For the compiler alone. */
  readonly args?: A;
}

// biome-ignore lint/suspicious/noExplicitAny: values are checked at run time, types by Param's args
export type Encoder = (slot: import('../loop/index.ts').Slot, value: any) => void;

/** The JavaScript arguments of a list of parameters, with their names. */
export type ArgsOf<P> = P extends readonly [Param<infer A>, ...infer R] ? [...A, ...ArgsOf<R>] : [];

/** The three forms of a call. */
export interface PosixCall<A extends readonly unknown[], R> {
  /** The result, or a promise of it if the call blocked. Throws if it failed at once. */
  (...args: [...A, options?: SysOptions]): MaybePromise<R>;
  /** The result: JavaScript waits until the call is over. */
  sync(...args: A): R;
  /** Always a promise. */
  async(...args: [...A, options?: SysOptions]): Promise<R>;
}
