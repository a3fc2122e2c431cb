import type { Access } from './access.ts';
import {
  type ArrayGround,
  type ArrayState,
  type Elements,
  keptViews,
  type MakeElement,
  scalarElements,
  viewElements,
} from './elements.ts';
import type { Memory } from './memory.ts';
import { allow, dress, keep, noMember } from './view-base.ts';
import {
  baseKey,
  countKey,
  endKey,
  indexKey,
  type Motion,
  memoryKey,
  partsKey,
  type Shape,
} from './view-state.ts';

/**
 * The views of arrays. An index that is no own property falls through to a proxy at the end of
 * the prototype chain, so that methods, and elements that are kept, are found without it.
 */

export interface ArrayPlace {
  readonly memory: Memory;
  readonly base: number;
  readonly end: number;
  readonly count: number;
  readonly motion?: Motion | undefined;
}

export type MakeArray = (place: ArrayPlace) => ArrayState;

type ArrayView = ArrayState & Elements;

const index = /^(0|-?[1-9]\d*)$/;

function indexProxy(own: object): object {
  return new Proxy(own, {
    get(target, key, receiver) {
      if (typeof key !== 'string' || !index.test(key)) return Reflect.get(target, key, receiver);
      return (receiver as ArrayView).get(Number(key));
    },
    has(target, key) {
      // Which array is asked nothing tells. Array.prototype.map.call(view, …) would pass over all of them.
      if (typeof key !== 'string' || !index.test(key)) return Reflect.has(target, key);
      throw new TypeError(
        `'${key}' in an array's view: it does not tell its elements so. Compare the index with its length, or take toArray()`,
      );
    },
    set(_, key, value, receiver) {
      if (typeof key !== 'string' || !index.test(key)) return noMember(receiver, key);
      (receiver as ArrayView).set(Number(key), value);
      return true;
    },
  });
}

const arrayBase = indexProxy(
  Object.create(null, {
    toArray: {
      value(this: ArrayView): unknown[] {
        return Array.from({ length: this[countKey] }, (_, place) => this.get(place));
      },
    },
  }),
);

interface Place extends ArrayPlace {
  readonly parts: unknown;
}

/** Of the array that is being made: a field's initialiser cannot see a constructor's arguments. */
let place: Place | undefined;

/**
 * Fields define their properties, which V8 then takes for constant. Bundlers make assignments of them, for
 * which allow() is.
 */
class ArrayBase {
  readonly [memoryKey] = (place as Place).memory;
  readonly [baseKey] = (place as Place).base;
  readonly [endKey] = (place as Place).end;
  readonly [countKey] = (place as Place).count;
  readonly [partsKey] = (place as Place).parts;
}

class MovingBase extends ArrayBase {
  readonly [indexKey] = (place as Place).motion?.index;
}

const stateKeys = [memoryKey, baseKey, endKey, countKey, partsKey, indexKey];

/** Of arrays that are not frozen: a store to what they are made of throws all the same. */
class OpenBase {
  constructor() {
    const { memory, base, end, count, parts } = place as Place;
    const enumerable = true;
    Object.defineProperty(this, memoryKey, { value: memory, enumerable });
    Object.defineProperty(this, baseKey, { value: base, enumerable });
    Object.defineProperty(this, endKey, { value: end, enumerable });
    Object.defineProperty(this, countKey, { value: count, enumerable });
    Object.defineProperty(this, partsKey, { value: parts, enumerable });
  }
}

/** A method, or `length`, that nothing else can take the place of. */
function fixed(one: PropertyDescriptor = {}): PropertyDescriptor {
  const fast = 'value' in one ? { writable: false } : {};
  return { ...one, ...fast, enumerable: false, configurable: false };
}

interface Kind {
  readonly stride: number;
  readonly isOpen?: boolean;
}

/** A class for one array type; its methods shadow the proxy behind them. */
function classOf(
  shape: Shape,
  methods: Elements,
  { stride, isOpen }: Kind,
): (at: Place) => ArrayView {
  const base = stride > 0 ? MovingBase : isOpen ? OpenBase : ArrayBase;
  class OneArray extends (base as new () => object) {}
  const { prototype } = OneArray;
  dress(prototype, arrayBase, shape, stride);
  for (const key of stateKeys) allow(prototype, key);
  const own: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(methods);
  for (const key of Reflect.ownKeys(own)) Object.defineProperty(prototype, key, fixed(own[key]));
  return (at) => {
    place = at;
    const made = new OneArray() as unknown as ArrayView;
    // Else the memory of the last array would be kept.
    place = undefined;
    return made;
  };
}

/** An array of values. */
export function scalarArray(shape: Shape, access: Access, ground: ArrayGround): MakeArray {
  const { methods, own } = scalarElements(access, ground);
  const make = classOf(shape, methods, ground);
  return (at) => Object.freeze(make({ ...at, parts: own && ownArray(own, at) }));
}

function ownArray(kind: keyof Memory, { memory, base, count }: ArrayPlace): unknown {
  const Kind = (memory[kind] as Uint8Array).constructor as Uint8ArrayConstructor;
  return new Kind(memory.buffer, memory.origin + base, count);
}

/** Up to here the elements' views are made at once, so that `a[i]` is an element of the object. */
const keptElements = 4096;

/** An array of structs, unions or arrays: its elements are views and cannot be assigned. */
export function viewArray(shape: Shape, makeElement: MakeElement, ground: ArrayGround): MakeArray {
  const { stride, length = Infinity } = ground;
  const areMade = stride === 0 && length <= keptElements;
  const find = keptViews(makeElement);
  // V8 compiles no load of a frozen element in line.
  const isOpen = shape.unchecked && stride === 0;
  const make = classOf(shape, viewElements(find, ground, areMade), { stride, isOpen });
  return (at) => {
    const made = make({ ...at, parts: [] });
    const kept = stride === 0 && at.count <= keptElements ? at.count : 0;
    for (let index = 0; index < kept; index++) keep(made, index, find(made, index));
    return isOpen ? made : Object.freeze(made);
  };
}
