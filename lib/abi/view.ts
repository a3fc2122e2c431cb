import { accessOf, bareType } from './access.ts';
import type { ArrayState } from './accessors.ts';
import { type MakeArray, scalarArray, viewArray } from './array-view.ts';
import { AbiError } from './error.ts';
import { layout } from './layout.ts';
import { type Memory, memoryAt } from './memory.ts';
import { recordClass, type ViewClass } from './record-view.ts';
import type { Target } from './target.ts';
import type { ArrayType, FlexibleType, Type } from './types.ts';
import { baseKey, endKey, memoryKey, type Shape } from './view-state.ts';
import type { ViewOf } from './view-types.ts';

export interface ViewOptions {
  /** Bytes that the view may use, a flexible tail included; default: up to the buffer's end. */
  readonly byteLength?: number;
}

/**
 * A typed view of a struct, union or array at `byteOffset` of a buffer, in the layout and byte
 * order of `target`. Members are accessors; nested views are made once; u64, long, size_t and
 * pointers are bigints on every target. Throws RangeError if the type does not fit there.
 */
export function view<const T extends Type, G extends Target>(
  type: T,
  target: G,
  buffer: ArrayBufferLike,
  byteOffset = 0,
  options: ViewOptions = {},
): ViewOf<T, G> {
  const shape = { type: bareType(type, target), target, label: labelOf(type, target) };
  const end = checkedEnd(shape, buffer, byteOffset, options);
  const [memory, base] = memoryAt(buffer, byteOffset);
  return makeView(shape, memory, base, end - memory.origin) as ViewOf<T, G>;
}

function labelOf(type: Type, target: Target): string {
  const bare = bareType(type, target);
  const named = bare.kind === 'struct' || bare.kind === 'union' || bare.kind === 'enum';
  return (named && bare.name) || bare.kind;
}

function checkedEnd(shape: Shape, buffer: ArrayBufferLike, at: number, options: ViewOptions) {
  const { size } = layout(shape.type, shape.target);
  const end = options.byteLength === undefined ? buffer.byteLength : at + options.byteLength;
  if (!Number.isSafeInteger(at) || at < 0) {
    throw new RangeError(`${shape.label}: byteOffset ${at}, expected an integer from 0 up`);
  }
  if (end > buffer.byteLength || at + size > end) {
    const room = Math.max(Math.min(end, buffer.byteLength) - at, 0);
    throw new RangeError(
      `${shape.label} takes ${size} bytes at offset ${at}, but there are ${room} (buffer of ${buffer.byteLength})`,
    );
  }
  return end;
}

function makeView(shape: Shape, memory: Memory, base: number, end: number): object {
  const align = (base | 8) & -(base | 8);
  const made = classFor(shape, align);
  if (made.array) return made.array(memory, base, end, count(shape, base, end));
  return new made.record(memory, base, end);
}

type Made =
  | { readonly record: ViewClass; readonly array?: undefined }
  | { readonly array: MakeArray };

/** Classes by target, type, and label with alignment of the base (1, 2, 4 or 8). */
const classes = new WeakMap<Target, WeakMap<Type, Map<string, Made>>>();

function classFor(given: Shape, align: number): Made {
  const tag = labelOf(given.type, given.target);
  const shape = tag === given.type.kind ? given : { ...given, label: tag };
  const byType = classes.get(shape.target) ?? new WeakMap<Type, Map<string, Made>>();
  classes.set(shape.target, byType);
  const byLabel = byType.get(shape.type) ?? new Map<string, Made>();
  byType.set(shape.type, byLabel);
  const key = `${align} ${shape.label}`;
  const made = byLabel.get(key) ?? makeClass(shape, align);
  byLabel.set(key, made);
  return made;
}

function makeClass(shape: Shape, align: number): Made {
  const type = bareType(shape.type, shape.target);
  if (type.kind === 'struct' || type.kind === 'union') {
    return { record: recordClass({ ...shape, type }, align, makeView) };
  }
  if (type.kind === 'array' || type.kind === 'flexible') {
    return { array: arrayClass({ ...shape, type }, type.of, align) };
  }
  throw new AbiError(`a ${type.kind} alone has no view: put it into a struct`);
}

function arrayClass(shape: Shape, of: Type, align: number): MakeArray {
  const { target, label } = shape;
  const access = accessOf(of, target, { path: `${label}[]`, offset: 0 });
  if (access) return scalarArray(shape, access, align);
  const kid = { type: bareType(of, target), target, label: `${label}[]` };
  const { size } = layout(of, target);
  const make = (view: ArrayState, index: number) => {
    return makeView(kid, view[memoryKey], view[baseKey] + index * size, view[endKey]);
  };
  return viewArray(shape, make);
}

/** Elements of an array; those of a flexible tail fill what is left before `end`. */
function count(shape: Shape, base: number, end: number): number {
  const type = bareType(shape.type, shape.target) as ArrayType | FlexibleType;
  if (type.kind === 'array' && type.length > 0) return type.length;
  const { size } = layout(type.of, shape.target);
  return size === 0 ? 0 : Math.max(0, Math.floor((end - base) / size));
}
