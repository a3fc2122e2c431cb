import type { Access } from './access.ts';
import { type ArrayState, elementAccessors, outside } from './accessors.ts';
import type { Memory } from './memory.ts';
import { baseKey, countKey, endKey, memoryKey, type Shape, shapeKey } from './view-state.ts';

/**
 * The views of arrays. An index that is no own property falls through to a proxy at the end of
 * the prototype chain, so that methods, and elements that are kept, are found without it.
 */

export type MakeArray = (memory: Memory, base: number, end: number, count: number) => ArrayState;

interface Elements {
  get(index: number): unknown;
  set(index: number, value: unknown): void;
  readonly length: number;
}

const index = /^(0|-?[1-9]\d*)$/;

function indexProxy(own: object): object {
  return new Proxy(own, {
    get(target, key, receiver) {
      if (typeof key !== 'string' || !index.test(key)) return Reflect.get(target, key, receiver);
      return (receiver as Elements).get(Number(key));
    },
    set(target, key, value, receiver) {
      if (typeof key !== 'string' || !index.test(key)) {
        return Reflect.set(target, key, value, receiver);
      }
      (receiver as Elements).set(Number(key), value);
      return true;
    },
  });
}

const arrayBase = indexProxy(Object.create(null));

/** What all arrays can do with their `get`. */
const common = {
  get length(): number {
    return state(this)[countKey];
  },
  at(place: number): unknown {
    const count = state(this)[countKey];
    const found = place < 0 ? count + place : place;
    return found >= 0 && found < count ? state(this).get(found) : undefined;
  },
  toArray(): unknown[] {
    const self = state(this);
    return Array.from({ length: self[countKey] }, (_, place) => self.get(place));
  },
  *[Symbol.iterator](): Generator<unknown> {
    const self = state(this);
    for (let place = 0; place < self[countKey]; place++) yield self.get(place);
  },
};

function state(view: object): ArrayState & Elements {
  return view as ArrayState & Elements;
}

interface Place {
  readonly memory: Memory;
  readonly base: number;
  readonly end: number;
  readonly count: number;
}

/** Of the array that is being made: a field's initialiser cannot see a constructor's arguments. */
let place: Place | undefined;

/**
 * Fields define their properties. Assignments would end in the proxy, and V8 would then not take
 * them for constant.
 */
class ArrayBase {
  readonly [memoryKey] = (place as Place).memory;
  readonly [baseKey] = (place as Place).base;
  readonly [endKey] = (place as Place).end;
  readonly [countKey] = (place as Place).count;
}

/** A class for one array type; its methods shadow the proxy behind them. */
function classOf(shape: Shape, methods: object): (at: Place) => ArrayState & Elements {
  class OneArray extends ArrayBase {}
  const { prototype } = OneArray;
  Object.setPrototypeOf(prototype, arrayBase);
  Reflect.deleteProperty(prototype, 'constructor');
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(methods));
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(common));
  Object.defineProperty(prototype, shapeKey, { value: shape });
  return (at) => {
    place = at;
    return new OneArray() as unknown as ArrayState & Elements;
  };
}

/** An array of values. */
export function scalarArray(shape: Shape, access: Access, align: number): MakeArray {
  const make = classOf(shape, elementAccessors(access, align));
  return (memory, base, end, count) => make({ memory, base, end, count });
}

/** Up to here the elements' views are made at once, so that `a[i]` is an element of the object. */
const keptElements = 4096;

export type MakeElement = (view: ArrayState, index: number) => object;

/** An array of structs, unions or arrays: its elements are views and cannot be assigned. */
export function viewArray(shape: Shape, makeElement: MakeElement): MakeArray {
  const make = classOf(shape, {
    get(this: ArrayState, at: number): unknown {
      if (at < 0 || at >= this[countKey] || at !== Math.floor(at)) outside(this, at);
      const kept = this as unknown as Readonly<Record<number, object>>;
      return this[countKey] <= keptElements ? kept[at] : makeElement(this, at);
    },
    set(at: number): void {
      throw new TypeError(`${shape.label}[${at}] is not one value: assign its members`);
    },
  });
  return (memory, base, end, count) => {
    const made = make({ memory, base, end, count });
    if (count > keptElements) return made;
    for (let at = 0; at < count; at++) keep(made, at, makeElement(made, at));
    return Object.freeze(made);
  };
}

function keep(view: object, place: number, element: object): void {
  // Attributes other than these make V8 use a slow table.
  const open = { writable: true, enumerable: true, configurable: true };
  Object.defineProperty(view, place, { value: element, ...open });
}
