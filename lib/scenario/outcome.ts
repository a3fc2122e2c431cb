import { types } from 'node:util';
import { own } from '../check.ts';
import type { Expect, ModelSays, OutcomeMatch, OutcomeRule, Witness } from './expect.ts';

/** Values of some registers, or of all; the others may be anything. */
export type RegisterValues = Readonly<Record<string, number | bigint | boolean>>;

/** `'1, 0'`, a pattern for such texts, or values by the registers' names. */
export type Outcome = string | RegExp | RegisterValues;

export interface RuleOptions {
  /** What ECMAScript's memory model says of it. */
  readonly model?: ModelSays;
  /** Without this outcome a run is inconclusive: true, or on these processors (`process.arch`). */
  readonly witness?: Witness;
}

/** A row of the table as it is written. */
export interface OutcomeRow {
  readonly outcome: Outcome;
  readonly expect: Expect;
  readonly reason: string;
  readonly model?: ModelSays;
  readonly witness?: Witness;
}

/** Right, and nothing to look at. */
export function acceptable(outcome: Outcome, reason: string, options: RuleOptions = {}) {
  return row('acceptable', outcome, reason, options);
}

/** Right, and worth to be known: it surprises, or it is rare. */
export function interesting(outcome: Outcome, reason: string, options: RuleOptions = {}) {
  return row('interesting', outcome, reason, options);
}

/** Wrong. What no row names is forbidden too; this says why. */
export function forbidden(outcome: Outcome, reason: string, options: RuleOptions = {}) {
  return row('forbidden', outcome, reason, options);
}

function row(expect: Expect, outcome: Outcome, reason: string, options: RuleOptions): OutcomeRow {
  return Object.freeze({ outcome, expect, reason, ...options });
}

/** The row as data, for registers of these names in this order. */
export function ruleOf(given: OutcomeRow, registers: readonly string[]): OutcomeRule {
  const { outcome, ...rest } = given;
  return Object.freeze({ match: Object.freeze(matchOf(outcome, registers)), ...rest });
}

function matchOf(outcome: Outcome, registers: readonly string[]): OutcomeMatch {
  if (typeof outcome === 'string') return { exact: outcome };
  if (types.isRegExp(outcome)) return { pattern: outcome.source, flags: outcome.flags };
  const values = registers.map((name) => own(outcome, name));
  if (!values.includes(undefined)) return { exact: outcomeText(values) };
  const parts = values.map((value) => (value === undefined ? '[^,]*' : escaped(shownValue(value))));
  return { pattern: `^${parts.join(', ')}$`, flags: '' };
}

/** An outcome as tables and result files show it. */
export function outcomeText(values: readonly unknown[]): string {
  return values.map(shownValue).join(', ');
}

function shownValue(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
