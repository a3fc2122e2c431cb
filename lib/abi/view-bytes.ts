import { bareType } from './access.ts';
import { AbiError } from './error.ts';
import { layout } from './layout.ts';
import { placeOf } from './path.ts';
import type { Type } from './types.ts';
import { shown } from './value-check.ts';
import { baseOf, countKey, goneFor, memoryKey, shapeKey, type ViewState } from './view-state.ts';

type State = ViewState & { readonly [countKey]?: number };

/** What is behind a view; throws a TypeError for anything else. */
export function stateOf(view: unknown, where: string): ViewState {
  const isView = typeof view === 'object' && view !== null && shapeKey in view;
  if (isView) return view as ViewState;
  throw new TypeError(`${where}: expected a view, got ${shown(view)}`);
}

/** Bytes of a view: an array's elements; of a struct what sizeof says, a flexible tail apart. */
export function sizeOf(view: State): number {
  const { type, target } = view[shapeKey];
  const bare = bareType(type, target);
  if (bare.kind !== 'array' && bare.kind !== 'flexible') return layout(type, target).size;
  return (view[countKey] ?? 0) * layout(bare.of, target).size;
}

/** The memory of a view, `size` bytes from `offset` on; not a copy. */
export function memoryOf(view: ViewState, offset = 0, size = sizeOf(view)): Uint8Array {
  const { buffer, origin, u8 } = view[memoryKey];
  const at = baseOf(view) + offset;
  if (u8.length < at + size) goneFor(view[shapeKey].label)(view);
  return new Uint8Array(buffer, origin + at, size);
}

/**
 * The bytes of a view, or of its member at `path`: its memory itself, where a cursor's view stands
 * now. A struct's flexible tail has bytes of its own: `bytes(view.tail)`. Throws AbiError for a
 * bit-field.
 */
export function bytes(view: object, path?: string): Uint8Array {
  const state = stateOf(view, 'bytes()');
  if (path === undefined) return memoryOf(state);
  const { type, target, label } = state[shapeKey];
  const place = placeOf(type as Type, target, path);
  if (place.bitWidth === undefined) return memoryOf(state, place.offset, place.size);
  throw new AbiError(`${label}.${path}: a bit-field has no bytes of its own`);
}
