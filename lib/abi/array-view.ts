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

/** The prototype of one array type; its methods shadow the proxy behind them. */
function prototypeOf(shape: Shape, methods: object): object {
  const made: object = Object.create(arrayBase);
  Object.defineProperties(made, Object.getOwnPropertyDescriptors(methods));
  Object.defineProperties(made, Object.getOwnPropertyDescriptors(common));
  Object.defineProperty(made, shapeKey, { value: shape });
  return made;
}

/**
 * A literal defines its properties; assignments would end in the proxy, and V8 would then not
 * take them for constant.
 */
function arrayState(proto: object, memory: Memory, base: number, end: number, count: number) {
  return {
    __proto__: proto,
    [memoryKey]: memory,
    [baseKey]: base,
    [endKey]: end,
    [countKey]: count,
  } as unknown as ArrayState & Elements;
}

/** An array of values. */
export function scalarArray(shape: Shape, access: Access, align: number): MakeArray {
  const proto = prototypeOf(shape, elementAccessors(access, align));
  return (memory, base, end, count) => arrayState(proto, memory, base, end, count);
}

/** Up to here the elements' views are made at once, so that `a[i]` is an element of the object. */
const keptElements = 4096;

export type MakeElement = (view: ArrayState, index: number) => object;

/** An array of structs, unions or arrays: its elements are views and cannot be assigned. */
export function viewArray(shape: Shape, makeElement: MakeElement): MakeArray {
  const proto = prototypeOf(shape, {
    get(this: ArrayState, place: number): unknown {
      if (place < 0 || place >= this[countKey] || place !== Math.floor(place)) outside(this, place);
      const kept = this as unknown as Readonly<Record<number, object>>;
      return this[countKey] <= keptElements ? kept[place] : makeElement(this, place);
    },
    set(place: number): void {
      throw new TypeError(`${shape.label}[${place}] is not one value: assign its members`);
    },
  });
  return (memory, base, end, count) => {
    const made = arrayState(proto, memory, base, end, count);
    if (count > keptElements) return made;
    for (let place = 0; place < count; place++) keep(made, place, makeElement(made, place));
    return Object.freeze(made);
  };
}

function keep(view: object, place: number, element: object): void {
  // Attributes other than these make V8 use a slow table.
  const open = { writable: true, enumerable: true, configurable: true };
  Object.defineProperty(view, place, { value: element, ...open });
}
