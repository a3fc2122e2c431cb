import type { Access } from './access.ts';
import { slowAccessors } from './accessors.ts';
import { accessor, isDirect, type Position } from './codegen.ts';
import { compile } from './compile.ts';
import { tableOf } from './fits.ts';
import type { Memory } from './memory.ts';
import { elementPath } from './value-check.ts';
import {
  badFor,
  baseKey,
  countKey,
  goneFor,
  indexKey,
  memoryKey,
  partsKey,
  shapeKey,
  type ViewState,
} from './view-state.ts';

/** What reads and writes the elements of arrays. */

export interface ArrayState extends ViewState {
  readonly [countKey]: number;
  readonly [partsKey]: unknown;
}

/** What an array's class has on its prototype. */
export interface Elements {
  readonly length: number;
  get(this: ArrayState, index: number): unknown;
  set(this: ArrayState, index: number, value: unknown): void;
  at(this: ArrayState, index: number): unknown;
  [Symbol.iterator](this: ArrayState): Iterator<unknown>;
}

/** Whether the array has such an element. */
export function has(view: ArrayState, index: unknown): boolean {
  return Number.isInteger(index) && (index as number) >= 0 && (index as number) < view[countKey];
}

export function outside(view: ArrayState, index: unknown): never {
  const { [countKey]: count, [shapeKey]: shape } = view;
  throw new RangeError(`${shape.label}[${String(index)}]: it has ${count} elements`);
}

// Each class has a text of its own, and so feedback of its own. The iterator is no generator,
// which V8 does not inline.
const common = (length: string, element: string) => `
  get length() { return ${length}; },
  at(i) { if (${isMissing(length)}) return far(this, i); ${element} },
  [Symbol.iterator]() { return new Each(this); }`;
// A property tells V8 the class of what it has, as an array's element does not: for `at(i)?.x` it
// then leaves out the test and the undefined. Compiled code makes no such object.
const helpers = (length: string) => `
  class Known { constructor(view) { this.view = view; } }
  class Each {
    constructor(array) { this.array = array; this.place = 0; }
    next() {
      const i = this.place;
      if (i >= this.array.length) return { value: undefined, done: true };
      this.place = i + 1;
      return { value: this.array.get(i), done: false };
    }
  }
  Object.setPrototypeOf(Each.prototype, iterators);
  function far(array, i) {
    const n = i < 0 ? ${length} + i : i;
    return n >= 0 && n < ${length} ? array.get(n) : undefined;
  }`;
const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/** Methods, and what `at` does with an index that is there. */
interface Source {
  readonly text: string;
  readonly element: string;
}

function compiled(
  { text, element }: Source,
  { length }: ArrayGround,
  names: Readonly<Record<string, unknown>>,
): Elements | undefined {
  const count = lengthOf(length);
  const whole = `(() => { ${helpers(count)} return { ${text}, ${common(count, element)} }; })()`;
  const keys = { M: memoryKey, B: baseKey, N: countKey, P: partsKey, I: indexKey };
  return compile(whole, { ...keys, Z: tableOf(0), iterators, ...names }) as Elements | undefined;
}

/** What an array's class depends on beside its shape: see Ground. */
export interface ArrayGround {
  readonly align: number;
  readonly stride: number;
  /** Of an array that has a length of its own: views that are frozen hide theirs from V8. */
  readonly length?: number;
}

function lengthOf(length: number | undefined): string {
  return length === undefined ? 'this[N]' : String(length);
}

export interface ScalarElements {
  readonly methods: Elements;
  /** The typed array that its arrays have for themselves. */
  readonly own?: Kind;
}

type Kind = Exclude<keyof Memory, 'buffer' | 'origin' | 'dv'>;

/** For an array of values. */
export function scalarElements(access: Access, ground: ArrayGround): ScalarElements {
  const { size } = access;
  const place = { ...ground, offset: `i * ${size}`, index: 'i', step: size, room: size };
  const position: Position = { ...place, fail: 'missed(this, i)', bad: 'bad(v, i)' };
  const own = ground.stride === 0 && isDirect(size, access.little, position);
  const source = accessor(access, { ...position, own });
  if (!source) return { methods: slowElements(access) };
  const names = {
    F: tableOf(source.table),
    missed: missedValue(access.path),
    bad: badFor(access),
  };
  const check = own ? ownCheck : indexCheck(lengthOf(ground.length));
  const text = `get(i) { ${check} ${source.get} }, set(i, v) { ${check} ${source.set} }`;
  const methods = compiled({ text, element: 'return this.get(i);' }, ground, names);
  if (!methods) return { methods: slowElements(access) };
  return own ? { methods, own: source.kind as Kind } : { methods };
}

// A typed array knows its length, but takes the index '1' for 1.
const ownCheck = "if (typeof i !== 'number') missed(this, i);";
const indexCheck = (length: string) => `if (${isMissing(length)}) missed(this, i);`;
// The form that V8 folds away most: it often knows the range of i.
const isMissing = (length: string) =>
  `Z[typeof i !== 'number' || i < 0 || i >= ${length} || i !== Math.floor(i) ? 1 : 0] === undefined`;

/** Says why an element is not there: no such element, or its bytes have gone. */
function missedValue(path: string) {
  const gone = goneFor(path);
  return (view: ArrayState, index: unknown): never => {
    return has(view, index) ? gone(view) : outside(view, index);
  };
}

/** Makes the view of one element. */
export type MakeElement = (view: ArrayState, index: number) => ViewState;

/** For an array of structs, unions or arrays: each element's view is made once. */
export function viewElements(find: MakeElement, ground: ArrayGround, areMade: boolean): Elements {
  const x = areMade ? 'this[P][i]' : '(this[P][i] ?? find(this, i))';
  const text = `
    get(i) { if (${isMissing(lengthOf(ground.length))}) find(this, i); return ${x}; },
    set(i) { fixed(this, i); }`;
  const source = { text, element: `return new Known(${x}).view;` };
  return compiled(source, ground, { find, fixed }) ?? slowViews(find);
}

/** Finds the view of an element, which it makes the first time. */
export function keptViews(make: MakeElement): MakeElement {
  return (array, index) => {
    if (!has(array, index)) outside(array, index);
    const kept = array[partsKey] as ViewState[];
    kept[index] ??= make(array, index);
    return kept[index];
  };
}

function fixed(view: ArrayState, index: number): never {
  const { label } = view[shapeKey];
  throw new TypeError(`${label}[${index}] is not one value: assign its members`);
}

/** Where code from strings is forbidden. */
const slowCommon = {
  get length(): number {
    return (this as unknown as ArrayState)[countKey];
  },
  at(this: ArrayState & Elements, index: number): unknown {
    const found = index < 0 ? this[countKey] + index : index;
    return found >= 0 && found < this[countKey] ? this.get(found) : undefined;
  },
  *[Symbol.iterator](this: ArrayState & Elements): Generator<unknown> {
    for (let index = 0; index < this[countKey]; index++) yield this.get(index);
  },
};

function withCommon(methods: Pick<Elements, 'get' | 'set'>): Elements {
  const own = Object.getOwnPropertyDescriptors(methods);
  return Object.create(null, { ...Object.getOwnPropertyDescriptors(slowCommon), ...own });
}

function slowElements(access: Access): Elements {
  const pair = (index: number) => {
    const path = elementPath(access.path, index);
    return slowAccessors({ ...access, path, offset: index * access.size });
  };
  return withCommon({
    get(index) {
      if (!has(this, index)) outside(this, index);
      return pair(index).get.call(this);
    },
    set(index, value) {
      if (!has(this, index)) outside(this, index);
      pair(index).set.call(this, value);
    },
  });
}

function slowViews(find: MakeElement): Elements {
  return withCommon({
    get(index) {
      return find(this, index);
    },
    set(index) {
      fixed(this, index);
    },
  });
}
