import { accessOf, bareType } from './access.ts';
import type { ArrayState, Elements } from './elements.ts';
import { flatFields } from './flat-fields.ts';
import { layout } from './layout.ts';
import { memoryAt } from './memory.ts';
import { hasOpenEnd } from './open-end.ts';
import { isText, setText } from './text.ts';
import { plain } from './to-object.ts';
import type { EnumType, RecordType, Type } from './types.ts';
import { shown } from './value-check.ts';
import { makeView } from './view.ts';
import { noMember } from './view-base.ts';
import { sizeOf, stateOf } from './view-bytes.ts';
import { baseOf, endKey, goneFor, memoryKey, shapeKey, type ViewState } from './view-state.ts';
import type { ScalarArray, ViewArray } from './view-types.ts';

/** What assign() takes for a view: some of its members, elements from the first on, text for char. */
export type Assignable<V> = 0 extends 1 & V
  ? V
  : V extends boolean
    ? boolean
    : V extends number | bigint
      ? V | string
      : V extends ScalarArray<infer X>
        ? Iterable<X | string> | string
        : V extends ViewArray<infer X>
          ? Iterable<Assignable<X>>
          : { readonly [K in keyof V as K extends string ? K : never]?: Assignable<V[K]> };

/**
 * Stores what `values` has: members by name, nested ones too, elements from the first on,
 * enumerators by value or name, text into arrays of char. What it does not name stays as it is.
 * All of it is checked first, also for a view that is not checked: where one value does not fit, nothing
 * is stored. Returns the view.
 */
export function assign<V extends object>(view: V, values: Assignable<V>): V {
  const state = stateOf(view, 'assign()');
  const settled = settle(values);
  const size = spanOf(state);
  put(twin(state, new ArrayBuffer(startOf(state) + size), size), settled);
  requireRoom(state, size, settled);
  put(state, settled);
  return view;
}

/** The library's types end before it. */
type Resizable = ArrayBuffer & { resize(bytes: number): void };

/** Bytes from the view's first to the last that it reaches, a flexible tail included. */
function spanOf(state: ViewState): number {
  const { type, target } = state[shapeKey];
  const isOpen = bareType(type, target).kind !== 'flexible' && hasOpenEnd(type, target);
  return isOpen ? state[endKey] - baseOf(state) : sizeOf(state);
}

/** A view of the same shape over memory of its own, to try on. */
function twin(state: ViewState, buffer: ArrayBuffer, size: number): ViewState {
  const [memory, base] = memoryAt(buffer, startOf(state));
  return makeView({ ...state[shapeKey], unchecked: false }, memory, base, base + size);
}

/** Where a twin begins: at the same place towards 8 bytes it has the same class. */
function startOf(state: ViewState): number {
  return baseOf(state) % 8;
}

/** Throws where a value's bytes are not in the buffer any more: a twin is tried that shrank as much. */
function requireRoom(state: ViewState, size: number, values: unknown): void {
  const room = Math.max(0, state[memoryKey].u8.length - baseOf(state));
  if (room >= size) return;
  // Its arrays shrink with it if it begins as a multiple of 8 bytes.
  const bytes = Math.ceil((startOf(state) + size) / 8) * 8;
  const buffer: Resizable = Reflect.construct(ArrayBuffer, [bytes, { maxByteLength: bytes }]);
  const small = twin(state, buffer, size);
  buffer.resize(startOf(state) + room);
  try {
    put(small, values);
  } catch {
    goneFor(state[shapeKey].label)(state);
  }
}

/** Reads all of it once: getters and iterators may not say the same again. */
function settle(values: unknown): unknown {
  if (typeof values !== 'object' || values === null) return values;
  if (shapeKey in values) return plain(values as ViewState, {});
  if (memoryKey in values) {
    throw new TypeError(
      'assign(): got { ...view }, which has none of its members: give the view itself, or { ...toObject(view) }',
    );
  }
  if (Symbol.iterator in values) return Array.from(values as Iterable<unknown>, settle);
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, settle(value)]));
}

function put(view: ViewState, values: unknown): void {
  const { type, target } = view[shapeKey];
  const bare = bareType(type, target);
  if (bare.kind === 'array' || bare.kind === 'flexible') {
    putElements(view as ArrayState & Elements, bare.of, values);
  } else putMembers(view, bare as RecordType, values);
}

function putElements(array: ArrayState & Elements, of: Type, values: unknown): void {
  const { type, target, label } = array[shapeKey];
  if (typeof values === 'string' && isText(type, target)) {
    setText(array, values);
    return;
  }
  if (!Array.isArray(values)) {
    throw new TypeError(`${label}: expected values for its elements, got ${shown(values)}`);
  }
  if (values.length > array.length) {
    throw new RangeError(`${label}: got ${values.length} values, it has ${array.length} elements`);
  }
  const isValue = accessOf(of, target, { path: '', offset: 0 }) !== undefined;
  values.forEach((value, index) => {
    if (isValue) array.set(index, stored(of, array, value, `${label}[${index}]`));
    else put(array.get(index) as ViewState, value);
  });
}

function putMembers(view: ViewState, type: RecordType, values: unknown): void {
  const { target, label } = view[shapeKey];
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new TypeError(`${label}: expected an object with its members, got ${shown(values)}`);
  }
  const fields = new Map(
    [...flatFields(layout(type, target), target)].map((field) => [field.name, field]),
  );
  const members = view as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(values)) {
    const field = fields.get(key);
    if (!field) noMember(view, key, value);
    else if (accessOf(field.type, target, { path: '', offset: 0 })) {
      members[key] = stored(field.type, view, value, `${label}.${key}`);
    } else put(members[key] as ViewState, value);
  }
}

/** An enumerator's name stands for its value. */
function stored(type: Type, view: ViewState, value: unknown, where: string): unknown {
  const bare = bareType(type, view[shapeKey].target);
  if (typeof value !== 'string' || bare.kind !== 'enum') return value;
  const { values } = bare as EnumType;
  if (Object.hasOwn(values, value)) return values[value];
  const names = Object.keys(values).join(', ');
  throw new TypeError(`${where}: there is no enumerator ${shown(value)} (${names})`);
}
