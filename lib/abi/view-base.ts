import { bareType } from './access.ts';
import { quoted } from './error.ts';
import { layout } from './layout.ts';
import { memberNames } from './path.ts';
import { addShown } from './show.ts';
import type { Target } from './target.ts';
import { isText } from './text.ts';
import type { ArrayType, FlexibleType, Type } from './types.ts';
import { shown } from './value-check.ts';
import { type Shape, shapeKey, strideKey, type ViewState } from './view-state.ts';

/** What the views of records and of arrays have in common. */

/** A property of a view that stays as it is; attributes other than these make V8 use a slow table. */
export function keep(view: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(view, key, { value, writable: true, enumerable: true, configurable: true });
}

/** What stands on the prototype of every view's class. */
export function dress(prototype: object, end: object, shape: Shape, stride: number): void {
  Object.setPrototypeOf(prototype, end);
  // A member may be called `constructor`; the prototype's own must not shine through.
  Reflect.deleteProperty(prototype, 'constructor');
  Object.defineProperty(prototype, shapeKey, { value: shape });
  if (stride > 0) Object.defineProperty(prototype, strideKey, { value: stride });
  Object.defineProperty(prototype, Symbol.toPrimitive, { value: noValue });
  addShown(prototype);
}

/**
 * Lets a constructor assign the property. Without one on the prototype, the assignment would look
 * for it further on, in the proxies that refuse what is no member.
 */
export function allow(prototype: object, key: symbol): void {
  Object.defineProperty(prototype, key, { value: undefined, writable: true });
}

/** The end of a record's prototype chain: what is no member is undefined, and cannot be stored. */
export const strangers: object = new Proxy(Object.create(null), {
  set(_, key, __, receiver) {
    return noMember(receiver as ViewState, key);
  },
});

/** A store into what is no member: throws. */
export function noMember(view: ViewState, key: PropertyKey): never {
  const { label, type, target } = view[shapeKey];
  const names = isArray(type) ? ['[0] to [length - 1]'] : memberNames(layout(type, target), target);
  throw new TypeError(
    `${label} has no member ${quoted(String(key))}: expected one of ${names.join(', ')}`,
  );
}

/** Throws: a nested view is no value that could be stored. */
export function notStored({ label, type, target }: Shape, value: unknown): never {
  const bare = bareType(type, target);
  const way = !isArray(bare)
    ? 'store its members, or use assign()'
    : isText(bare, target)
      ? 'use setText(), or store its elements by set(index, value)'
      : 'store its elements by set(index, value), or use assign()';
  throw new TypeError(`${label} is ${nounOf(bare, target)}: ${way}; got ${shown(value)}`);
}

/** `${view}`, `view + 1`: a member was forgotten. */
function noValue(this: ViewState): never {
  const { label, type, target } = this[shapeKey];
  const hint = isText(type, target) ? ', or text() of it' : '';
  const parts = isArray(type) ? 'one of its elements' : 'one of its members';
  throw new TypeError(
    `${label} is ${nounOf(type, target)}, not one value: expected ${parts}${hint}`,
  );
}

/** `a struct`, `an array of u32`. */
function nounOf(type: Type, target: Target): string {
  if (!isArray(type)) return `a ${type.kind}`;
  const of = bareType(type.of, target);
  return `an array of ${of.kind === 'scalar' ? of.scalar : `${of.kind}s`}`;
}

function isArray(type: Type): type is ArrayType | FlexibleType {
  return type.kind === 'array' || type.kind === 'flexible';
}
