import type { Access } from './access.ts';
import { type ArrayState, elementAccessors, outside } from './accessors.ts';
import type { Memory } from './memory.ts';
import { baseKey, countKey, endKey, memoryKey, type Shape, shapeKey } from './view-state.ts';

/**
 * The views of arrays. An index that is no own property falls through to a proxy at the end of
 * the prototype chain, so that methods, and elements that are kept, are found without it.
 */

export type ArrayClass = new (
  memory: Memory,
  base: number,
  end: number,
  count: number,
) => ArrayState & Elements;

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

abstract class ArrayView {
  declare readonly [shapeKey]: Shape;
  readonly [memoryKey]: Memory;
  readonly [baseKey]: number;
  readonly [endKey]: number;
  readonly [countKey]: number;
  constructor(memory: Memory, base: number, end: number, count: number) {
    this[memoryKey] = memory;
    this[baseKey] = base;
    this[endKey] = end;
    this[countKey] = count;
  }
  abstract get(index: number): unknown;
  get length(): number {
    return this[countKey];
  }
  at(place: number): unknown {
    const found = place < 0 ? this[countKey] + place : place;
    return found >= 0 && found < this[countKey] ? this.get(found) : undefined;
  }
  toArray(): unknown[] {
    return Array.from({ length: this[countKey] }, (_, place) => this.get(place));
  }
  *[Symbol.iterator](): Generator<unknown> {
    for (let place = 0; place < this[countKey]; place++) yield this.get(place);
  }
}
Object.setPrototypeOf(ArrayView.prototype, arrayBase);

/** An array of values. */
export function scalarArrayClass(shape: Shape, access: Access, align: number): ArrayClass {
  class ScalarArray extends ArrayView {
    declare get: (index: number) => unknown;
    declare set: (index: number, value: unknown) => void;
  }
  Object.defineProperties(ScalarArray.prototype, {
    ...methods(elementAccessors(access, align)),
    [shapeKey]: { value: shape },
  });
  return ScalarArray;
}

function keep(view: object, place: number, element: object): void {
  // An assignment would end in the proxy; attributes other than these make V8 use a slow table.
  const open = { writable: true, enumerable: true, configurable: true };
  Object.defineProperty(view, place, { value: element, ...open });
}

function methods(pair: object): PropertyDescriptorMap {
  return Object.fromEntries(Object.entries(pair).map(([name, value]) => [name, { value }]));
}

/** Up to here the elements' views are made at once, so that `a[i]` is an element of the object. */
const keptElements = 4096;

export type MakeElement = (view: ArrayState, index: number) => object;

/** An array of structs, unions or arrays: its elements are views and cannot be assigned. */
export function viewArrayClass(shape: Shape, makeElement: MakeElement): ArrayClass {
  class ViewArray extends ArrayView {
    readonly [index: number]: object;
    constructor(memory: Memory, base: number, end: number, count: number) {
      super(memory, base, end, count);
      if (count > keptElements) return;
      for (let place = 0; place < count; place++) keep(this, place, makeElement(this, place));
      Object.freeze(this);
    }
    get(place: number): unknown {
      if (place >>> 0 !== place || place >= this[countKey]) outside(this, place);
      return Object.hasOwn(this, place) ? this[place] : makeElement(this, place);
    }
    set(place: number, _value: unknown): void {
      throw new TypeError(`${shape.label}[${place}] is not one value: assign its members`);
    }
  }
  Object.defineProperty(ViewArray.prototype, shapeKey, { value: shape });
  return ViewArray;
}
