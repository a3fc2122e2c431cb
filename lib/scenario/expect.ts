/** What a table of outcomes says of one of them. An outcome without a rule is forbidden. */
export type Expect = 'acceptable' | 'interesting' | 'forbidden';

/** What ECMAScript's memory model says of an outcome, whatever this machine does. */
export type ModelSays = 'allowed' | 'forbidden';

/** Which outcomes a rule is about; outcomes are written as `1, 0`: the registers in order. */
export type OutcomeMatch =
  | { readonly exact: string }
  | { readonly pattern: string; readonly flags: string };

/** A row of the table, as plain data. The first rule that matches an outcome holds. */
export interface OutcomeRule {
  readonly match: OutcomeMatch;
  readonly expect: Expect;
  readonly reason: string;
  readonly model?: ModelSays;
  readonly witness?: Witness;
}

/**
 * Whether a run must have seen the outcome to be conclusive; a list of `process.arch` where only
 * such processors can show it.
 */
export type Witness = boolean | readonly string[];
