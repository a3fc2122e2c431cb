import type { Access } from './access.ts';
import { readValue, writeValue } from './bytes.ts';
import { accessor, type Position } from './codegen.ts';
import { tableOf } from './fits.ts';
import { checkValue } from './value-check.ts';
import {
  badFor,
  baseKey,
  countKey,
  goneFor,
  memoryKey,
  shapeKey,
  type ViewState,
} from './view-state.ts';

export interface Accessors {
  get(this: ViewState): unknown;
  set(this: ViewState, value: unknown): void;
}

/** The pair for one member of a record of `room` bytes, whose base is a multiple of `align`. */
export function memberAccessors(access: Access, align: number, room: number): Accessors {
  const { offset } = access;
  const source = accessor(access, { offset: String(offset), step: offset || 8, align, room });
  const made =
    source &&
    compile(`{ get() { ${source.get} }, set(v) { ${source.set} } }`, access, source.table);
  return (made as Accessors | undefined) ?? slowAccessors(access);
}

/** The pair for an array's elements. Both check the index first. */
export function elementAccessors(access: Access, align: number): ElementAccessors {
  const { size } = access;
  const position: Position = { offset: `i * ${size}`, index: 'i', step: size, align, room: size };
  const source = accessor(access, position);
  // The form that V8 folds away most: it often knows the range of i.
  const head = 'if (i < 0 || i >= this[N] || i !== Math.floor(i)) outside(this, i);';
  const text =
    source && `{ get(i) { ${head} ${source.get} }, set(i, v) { ${head} ${source.set} } }`;
  const made = text && compile(text, access, source.table);
  return (made as ElementAccessors | undefined) ?? slowElements(access);
}

export interface ElementAccessors {
  get(this: ArrayState, index: number): unknown;
  set(this: ArrayState, index: number, value: unknown): void;
}

export interface ArrayState extends ViewState {
  readonly [countKey]: number;
}

export function outside(view: ArrayState, index: unknown): never {
  const count = view[countKey];
  throw new RangeError(`${view[shapeKey].label}[${String(index)}]: it has ${count} elements`);
}

/** Getter of a nested view, which stands under `key`. */
export function kidGetter(key: symbol) {
  const made = evaluated('{ get() { return this[K]; } }', { K: key }) as KidGetter | undefined;
  return made?.get ?? slowKid(key);
}

interface KidGetter {
  get(this: ViewState): object;
}

function slowKid(key: symbol): KidGetter['get'] {
  return function get() {
    return (this as unknown as Readonly<Record<symbol, object>>)[key] as object;
  };
}

function compile(text: string, access: Access, table: number): unknown {
  const gone = goneFor(access.path);
  return evaluated(text, {
    F: tableOf(table),
    M: memoryKey,
    B: baseKey,
    N: countKey,
    gone,
    bad: badFor(access),
    outside,
  });
}

let compiled = 0;

/**
 * The object that `text` describes, or undefined where the host forbids code from strings. A
 * number makes each text unlike any before: for equal texts V8 would share one type feedback. The
 * names are constants there, not parameters: only so does V8 take them for what they are.
 */
function evaluated(text: string, names: Readonly<Record<string, unknown>>): unknown {
  try {
    const head = `'use strict'; /* ${++compiled} */ const { ${Object.keys(names).join(', ')} } = names;`;
    return new Function('names', `${head} return ${text};`)(names);
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

function slowAccessors(access: Access): Accessors {
  const gone = goneFor(access.path);
  return {
    get() {
      return reachable(this, gone, () => readValue(this[memoryKey].dv, this[baseKey], access));
    },
    set(value) {
      checkValue(access, value);
      reachable(this, gone, () => writeValue(this[memoryKey].dv, this[baseKey], access, value));
    },
  };
}

function slowElements(access: Access): ElementAccessors {
  const pair = (index: number) => slowAccessors({ ...access, offset: index * access.size });
  return {
    get(index) {
      if (index >>> 0 !== index || index >= this[countKey]) outside(this, index);
      return pair(index).get.call(this);
    },
    set(index, value) {
      if (index >>> 0 !== index || index >= this[countKey]) outside(this, index);
      pair(index).set.call(this, value);
    },
  };
}

/** Runs a slow access; an access past the buffer's end means that the buffer has changed. */
function reachable<T>(view: ViewState, gone: (view: ViewState) => never, run: () => T): T {
  try {
    return run();
  } catch {
    return gone(view);
  }
}
