import { type Allowed, checkOptions } from './options.ts';
import type { Target } from './target.ts';
import type { Condition } from './types.ts';
import { shown } from './value-check.ts';

const allowed: Allowed = {
  names: true,
  byteOrder: ['little', 'big'],
  longSize: [4, 8],
  pointerSize: [4, 8],
};

/** Conditions that were found right: a type is resolved often. */
const known = new WeakSet<object>();

/** Throws a TypeError for a condition that asks for what there is not: it would never hold, or always. */
export function checkCondition(condition: Condition): void {
  if (typeof condition === 'object' && condition !== null && known.has(condition)) return;
  checkOptions('when()', condition, allowed);
  const { names } = condition;
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string');
  if (names !== undefined && !isList) {
    throw new TypeError(`when(): names ${shown(names)}, expected an array of targets' names`);
  }
  known.add(condition);
}

/** Whether each property that the condition gives fits the target. */
export function matches(condition: Condition, target: Target): boolean {
  checkCondition(condition);
  const { names, byteOrder, longSize, pointerSize } = condition;
  return (
    (names === undefined || names.includes(target.name)) &&
    (byteOrder === undefined || byteOrder === target.byteOrder) &&
    (longSize === undefined || longSize === target.longSize) &&
    (pointerSize === undefined || pointerSize === target.pointerSize)
  );
}
