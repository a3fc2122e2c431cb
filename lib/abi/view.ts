import { accessOf, bareType } from './access.ts';
import { type ArrayPlace, type MakeArray, scalarArray, viewArray } from './array-view.ts';
import { checkBuffer } from './buffer.ts';
import { byteCount } from './byte-count.ts';
import { checkTarget } from './check-target.ts';
import type { MakeElement } from './elements.ts';
import { AbiError } from './error.ts';
import { layout } from './layout.ts';
import { type Memory, memoryAt, mostBytes } from './memory.ts';
import { type Allowed, checkOptions } from './options.ts';
import { classByMemory, type Footing, recordClass, type ViewClass } from './record-view.ts';
import type { Target } from './target.ts';
import type { ArrayType, FlexibleType, Type } from './types.ts';
import { shown } from './value-check.ts';
import {
  baseKey,
  indexKey,
  type Motion,
  memoryKey,
  type Shape,
  type ViewState,
} from './view-state.ts';
import type { ViewOf } from './view-types.ts';

export interface ViewOptions {
  /** Bytes that the view may use, a flexible tail included; default: up to the buffer's end. */
  readonly byteLength?: number;
  /**
   * true: what is assigned to a member is stored as a typed array stores it (integers wrap, a bool is what is
   * truthy), without a check that it fits. Costs nothing then; a wrong value is stored in silence. What has
   * no such member, or no bytes any more, is refused all the same. `rows[i] = x` of an array of up to 4096
   * structs is not: it replaces the view of the element, and stores nothing in the memory. Default: false.
   */
  readonly unchecked?: boolean;
}

const noOptions: ViewOptions = {};
const allowed: Allowed = { byteLength: true, unchecked: [true, false] };

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
  options: ViewOptions = noOptions,
): ViewOf<T, G> {
  checkTarget(target, 'view()');
  checkBuffer(buffer);
  if (options !== noOptions) checkOptions('view()', options, allowed);
  const { unchecked = false } = options;
  const shape = { type: bareType(type, target), target, label: labelOf(type, target), unchecked };
  const end = checkedEnd(shape, buffer, byteOffset, options);
  const [memory, base] = memoryAt(buffer, byteOffset);
  return makeView(shape, memory, base, end - memory.origin) as unknown as ViewOf<T, G>;
}

function labelOf(type: Type, target: Target): string {
  const bare = bareType(type, target);
  const named = bare.kind === 'struct' || bare.kind === 'union' || bare.kind === 'enum';
  return (named && bare.name) || bare.kind;
}

function checkLength(shape: Shape, name: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return;
  throw new RangeError(`${shape.label}: ${name} ${shown(value)}, expected an integer from 0 up`);
}

function checkedEnd(shape: Shape, buffer: ArrayBufferLike, at: number, options: ViewOptions) {
  const { size } = layout(shape.type, shape.target);
  const { byteLength = buffer.byteLength - at } = options;
  checkLength(shape, 'byteOffset', at);
  if (options.byteLength !== undefined) checkLength(shape, 'byteLength', byteLength);
  const end = at + byteLength;
  if (end > buffer.byteLength || at + size > end) {
    const room = Math.max(Math.min(end, buffer.byteLength) - at, 0);
    throw new RangeError(
      `${shape.label} takes ${byteCount(size)} at offset ${at}, but there are ${room} (buffer of ${buffer.byteLength})`,
    );
  }
  return end;
}

/** A view of what lies at `base`, or moves from there. */
export function makeView(
  shape: Shape,
  memory: Memory,
  base: number,
  end: number,
  motion?: Motion,
): ViewState {
  const stride = motion?.stride ?? 0;
  const made = classFor(shape, { align: alignOf(base | stride), stride });
  return placed(made, shape, { memory, base, end, motion });
}

/** The greatest of 1, 2, 4 and 8 that divides all the numbers that were ORed together. */
function alignOf(bits: number): number {
  return (bits | 8) & -(bits | 8);
}

type Place = Omit<ArrayPlace, 'count'>;

function placed(made: Made, shape: Shape, { memory, base, end, motion }: Place): ViewState {
  if (made.array) {
    const places = count(shape, base, end);
    checkReach(shape, base, places * made.size);
    return made.array({ memory, base, end, count: places, motion });
  }
  checkReach(shape, base, made.size);
  return new made.record(memory, base, end, motion);
}

/** A view's place within its memory is an int32 in the generated code. */
function checkReach({ label }: Shape, base: number, size: number): void {
  if (base + size <= mostBytes) return;
  throw new RangeError(
    `${label} takes ${byteCount(size)}, and a view reaches ${byteCount(mostBytes - base)} from there: give \`byteLength\`, or take views of its parts, each at an offset of its own`,
  );
}

/** `size` is that of an array's element. */
type Made = { readonly size: number } & (
  | { readonly record: ViewClass; readonly array?: undefined }
  | { readonly array: MakeArray }
);

/** Classes by target, type, and label with alignment of the base (1, 2, 4 or 8), stride and checks. */
const classes = new WeakMap<Target, WeakMap<Type, Map<string, Made>>>();

function classFor(given: Shape, footing: Footing): Made {
  const tag = labelOf(given.type, given.target);
  const shape = tag === given.type.kind ? given : { ...given, label: tag };
  const byType = classes.get(shape.target) ?? new WeakMap<Type, Map<string, Made>>();
  classes.set(shape.target, byType);
  const byLabel = byType.get(shape.type) ?? new Map<string, Made>();
  byType.set(shape.type, byLabel);
  const key = `${footing.align} ${footing.stride} ${shape.unchecked} ${shape.label}`;
  const made = byLabel.get(key) ?? makeClass(shape, footing);
  byLabel.set(key, made);
  return made;
}

function makeClass(shape: Shape, footing: Footing): Made {
  const type = bareType(shape.type, shape.target);
  if (type.kind === 'struct' || type.kind === 'union') {
    const { size } = layout(type, shape.target);
    return { record: recordClass({ ...shape, type }, footing, makeView), size };
  }
  if (type.kind === 'array' || type.kind === 'flexible') {
    const { size } = layout(type.of, shape.target);
    return { array: arrayClass({ ...shape, type }, type, footing), size };
  }
  throw new AbiError(`a ${type.kind} alone has no view: put it into a struct`);
}

function arrayClass(shape: Shape, type: ArrayType | FlexibleType, footing: Footing): MakeArray {
  const { target, label, unchecked } = shape;
  const { stride } = footing;
  const { of } = type;
  const hasLength = type.kind === 'array' && type.length > 0;
  const ground = hasLength ? { ...footing, length: type.length } : footing;
  const access = accessOf(of, target, { path: `${label}[]`, offset: 0, unchecked });
  if (access) return scalarArray(shape, access, ground);
  const { size } = layout(of, target);
  const makeElement = elementMaker(elementShape(shape, of), {
    align: alignOf(footing.align | size),
    stride,
  });
  const make: MakeElement = (view, index) => {
    const position = view[indexKey];
    const motion = position && { index: position, stride };
    const base = view[baseKey] + index * size;
    return makeElement({ memory: view[memoryKey], base, end: base + size, motion });
  };
  return viewArray(shape, make, ground);
}

/** All elements of an array in one memory have one class, which is made with the first of them. */
function elementMaker(shape: Shape, footing: Footing): (place: Place) => ViewState {
  let made: Made | undefined;
  let recordIn: ((memory: Memory) => ViewClass) | undefined;
  return (place) => {
    made ??= classFor(shape, footing);
    if (made.array || footing.stride > 0) return placed(made, shape, place);
    recordIn ??= classByMemory(made.record);
    return placed({ record: recordIn(place.memory), size: made.size }, shape, place);
  };
}

/** The shape of an array's elements. */
export function elementShape(array: Shape, of: Type): Shape {
  return { ...array, type: bareType(of, array.target), label: `${array.label}[]` };
}

/** Elements of an array; those of a flexible tail fill what is left before `end`. */
function count(shape: Shape, base: number, end: number): number {
  const type = bareType(shape.type, shape.target) as ArrayType | FlexibleType;
  if (type.kind === 'array' && type.length > 0) return type.length;
  const { size } = layout(type.of, shape.target);
  return size === 0 ? 0 : Math.max(0, Math.floor((end - base) / size));
}
