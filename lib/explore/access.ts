/** What an actor does next. Numbers, since exploration walks millions of them a second. */
export const Kind = {
  load: 0,
  store: 1,
  /** Reads and writes at once; `op` says how. */
  modify: 2,
  wait: 3,
  waitAsync: 4,
  notify: 5,
  /** An async actor has nothing to do until a promise of waitAsync is kept. */
  park: 6,
  end: 7,
  threw: 8,
  /** More accesses than an actor may make: it could go on, and is left here. */
  limit: 9,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Names of the kinds, by their numbers. */
export const kindNames: readonly string[] = Object.keys(Kind);

export const Order = { plain: 0, seqCst: 1 } as const;
export type Order = (typeof Order)[keyof typeof Order];

export const Op = {
  add: 0,
  sub: 1,
  and: 2,
  or: 3,
  xor: 4,
  exchange: 5,
  compareExchange: 6,
} as const;
export type Op = (typeof Op)[keyof typeof Op];
export const opNames: readonly string[] = Object.keys(Op);

/** Results of wait, waitAsync and park. */
export const Answer = { ok: 0, notEqual: 1, timedOut: 2, pending: 3 } as const;
export const answerTexts = ['ok', 'not-equal', 'timed-out'] as const;

/**
 * One access to shared memory. Values are raw bytes in the order of memory, read as two
 * little-endian words: `lo` has the first four bytes, `hi` those after them.
 */
export interface Access {
  readonly kind: Kind;
  readonly order: Order;
  /** First byte, in the one address space of all blocks of the state. */
  readonly address: number;
  readonly size: number;
  /** Integer element types and aligned float32 do not tear; floats, BigInts and DataViews may. */
  readonly tears: boolean;
  readonly op: Op;
  /** What is stored or combined; for a notify how many it wakes at most, -1 for all. */
  readonly lo: number;
  readonly hi: number;
  /** What compareExchange and wait compare with. */
  readonly expectedLo: number;
  readonly expectedHi: number;
  /** The wait has a finite limit, so that it may end by itself. */
  readonly isLimited: boolean;
  /** How the value is shown: `i32`, `u64`, `f64`, … with `be` behind it for swapped bytes. */
  readonly type: string;
}

/** A plain load of four bytes at 0: other accesses are said by what is different. */
export const LOAD: Access = {
  kind: Kind.load,
  order: Order.plain,
  address: 0,
  size: 4,
  tears: false,
  op: Op.add,
  lo: 0,
  hi: 0,
  expectedLo: 0,
  expectedHi: 0,
  isLimited: false,
  type: 'i32',
};

/** The value that was read, or an Answer, or how many were woken. */
export interface Result {
  readonly lo: number;
  readonly hi: number;
}

/** The registers that an actor has written by its end, as raw values by the register's number. */
export type RegisterValues = ReadonlyMap<number, Result>;
