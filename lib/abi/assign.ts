import { accessOf, bareType, isBigEnum } from './access.ts';
import type { ArrayState, Elements } from './elements.ts';
import { flatFields } from './flat-fields.ts';
import { layout } from './layout.ts';
import { memoryAt } from './memory.ts';
import { hasOpenEnd, lastFields } from './open-end.ts';
import type { Target } from './target.ts';
import { isText, setText } from './text.ts';
import type { RecordType, Type } from './types.ts';
import { shown } from './value-check.ts';
import { makeView } from './view.ts';
import { noMember } from './view-base.ts';
import { memoryOf, sizeOf, stateOf } from './view-bytes.ts';
import {
  baseKey,
  baseOf,
  endKey,
  goneFor,
  memoryKey,
  shapeKey,
  type ViewState,
} from './view-state.ts';
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
 * Another view's struct or union is copied bit by bit if it is of the same type and target, else by its
 * members' values. All of it is checked first, also for a view that is not checked: where one value does not
 * fit, or members of a union are given that do not agree, nothing is stored. Returns the view.
 */
export function assign<V extends object>(view: V, values: Assignable<V>): V {
  const state = stateOf(view, 'assign()');
  const settled = settle(values);
  const size = spanOf(state);
  put(twin(state, new ArrayBuffer(startOf(state) + size), size), settled, requireAgreement);
  requireRoom(state, size, settled);
  put(state, settled, nothing);
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
    put(small, values, nothing);
  } catch {
    goneFor(state[shapeKey].label)(state);
  }
}

/** Reads all of it once: getters and iterators may not say the same again. */
function settle(values: unknown): unknown {
  if (typeof values !== 'object' || values === null) return values;
  if (shapeKey in values) return settleView(values as ViewState);
  // not memoryKey, which the class of an element may have in its place
  if (baseKey in values) {
    throw new TypeError(
      'assign(): got { ...view }, which has none of its members: give the view itself, or { ...toObject(view) }',
    );
  }
  if (Symbol.iterator in values) return Array.from(values as Iterable<unknown>, settle);
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, settle(value)]));
}

function settleView(view: ViewState): unknown {
  const { type, target } = view[shapeKey];
  const bare = bareType(type, target);
  const isRecord = bare.kind === 'struct' || bare.kind === 'union';
  return isRecord ? new Given(view, bare) : Array.from(view as ArrayState & Elements, settle);
}

/** What a view of a struct or union held: its bytes for one of the same type, else its members' values. */
class Given {
  readonly type: RecordType;
  readonly target: Target;
  readonly members: Readonly<Record<string, unknown>>;
  readonly #bytes: Uint8Array;

  constructor(view: ViewState, type: RecordType) {
    this.type = type;
    this.target = view[shapeKey].target;
    this.#bytes = memoryOf(view).slice();
    const members = view as unknown as Readonly<Record<string, unknown>>;
    const names = [...flatFields(layout(type, this.target), this.target)].map(({ name }) => name);
    this.members = Object.fromEntries(names.map((name) => [name, settle(members[name])]));
  }

  /** Stores all bits, as an assignment in C does, and behind them what C leaves out: an open end. */
  copyTo(view: ViewState, put: (view: ViewState, values: unknown) => void): void {
    memoryOf(view).set(this.#bytes);
    const members = view as unknown as Readonly<Record<string, ViewState>>;
    for (const { name, type } of lastFields(this.type, this.target)) {
      if (hasOpenEnd(type, this.target)) put(members[name] as ViewState, this.members[name]);
    }
  }
}

/** Called for a record whose members, of these names, have been stored. */
type AfterMembers = (
  view: ViewState,
  names: readonly string[],
  again: (name: string) => void,
) => void;

const nothing: AfterMembers = () => {};

/** Members that lie on each other, as a union's do, have to agree: storing one of them again changes nothing. */
const requireAgreement: AfterMembers = (view, names, again) => {
  if (names.length < 2) return;
  const bytes = memoryOf(view);
  const before = bytes.slice();
  for (const name of names) {
    again(name);
    if (bytes.every((byte, at) => byte === before[at])) continue;
    throw new TypeError(
      `${view[shapeKey].label}.${name}: another member that lies on it was given, too, and with other bits: give one of them`,
    );
  }
};

function put(view: ViewState, values: unknown, after: AfterMembers): void {
  const { type, target } = view[shapeKey];
  const bare = bareType(type, target);
  const deeper = (inner: ViewState, value: unknown) => put(inner, value, after);
  if (bare.kind === 'array' || bare.kind === 'flexible') {
    putElements(view as ArrayState & Elements, bare.of, values, deeper);
  } else if (values instanceof Given && values.type === bare && values.target === target) {
    values.copyTo(view, deeper);
  } else {
    const members = values instanceof Given ? values.members : values;
    const store = storing(view, bare as RecordType, members, deeper);
    const names = Object.keys(members as object);
    for (const name of names) store(name);
    if (hasOverlap(bare as RecordType, target)) after(view, names, store);
  }
}

/** Whether members may lie on each other, those of anonymous members included. */
function hasOverlap(type: RecordType, target: Target): boolean {
  if (type.kind === 'union') return true;
  return layout(type, target).fields.some((field) => {
    const bare = field.name === '' && field.bitWidth === undefined && bareType(field.type, target);
    return bare && hasOverlap(bare as RecordType, target);
  });
}

type Put = (view: ViewState, values: unknown) => void;

function putElements(array: ArrayState & Elements, of: Type, values: unknown, deeper: Put): void {
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
    else deeper(array.get(index) as ViewState, value);
  });
}

/** What stores the member of a name. */
function storing(view: ViewState, type: RecordType, values: unknown, deeper: Put) {
  const { target, label } = view[shapeKey];
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new TypeError(`${label}: expected an object with its members, got ${shown(values)}`);
  }
  const fields = new Map(
    [...flatFields(layout(type, target), target)].map((field) => [field.name, field]),
  );
  const given = values as Readonly<Record<string, unknown>>;
  const members = view as unknown as Record<string, unknown>;
  return (name: string) => {
    const field = fields.get(name);
    if (!field) noMember(view, name);
    else if (accessOf(field.type, target, { path: '', offset: 0 })) {
      members[name] = stored(field.type, view, given[name], `${label}.${name}`);
    } else deeper(members[name] as ViewState, given[name]);
  };
}

/** An enumerator's name stands for its value. */
function stored(type: Type, view: ViewState, value: unknown, where: string): unknown {
  const bare = bareType(type, view[shapeKey].target);
  if (typeof value !== 'string' || bare.kind !== 'enum') return value;
  const { values } = bare;
  const found = Object.hasOwn(values, value) ? values[value] : undefined;
  if (found !== undefined) return isBigEnum(bare) ? BigInt(found) : found;
  const names = Object.keys(values).join(', ');
  throw new TypeError(`${where}: there is no enumerator ${shown(value)} (${names})`);
}
