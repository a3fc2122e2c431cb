import type { Linearizable } from './definition.ts';

/** On a scenario that `linearizable()` made. */
export const mark = Symbol.for('syslets.linearizable');

/** Whether `value` came from `linearizable()`, of this copy of the package or another. */
export function isLinearizable(value: unknown): value is Linearizable {
  return typeof value === 'object' && value !== null && mark in value;
}
