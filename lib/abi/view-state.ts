import type { Access } from './access.ts';
import { byteCount } from './byte-count.ts';
import type { Memory } from './memory.ts';
import type { Target } from './target.ts';
import type { Type } from './types.ts';
import { badValue, elementPath } from './value-check.ts';

/** State of a view under symbols, so that no member's name can meet it. What tries to store it is told these names. */
export const memoryKey: unique symbol = Symbol('memory of a view: copy views with assign()');
export const baseKey: unique symbol = Symbol('base of a view: copy views with assign()');
/** One past the last byte that a flexible tail may use. */
export const endKey: unique symbol = Symbol('end');
export const countKey: unique symbol = Symbol('count');
/** What an array has its elements in: a typed array over them, or their views. */
export const partsKey: unique symbol = Symbol('parts');
/** Of a view that moves: Motion.index, and on the prototype Motion.stride. */
export const indexKey: unique symbol = Symbol('index');
export const strideKey: unique symbol = Symbol('stride');
/** On the prototype: what the view shows. */
export const shapeKey: unique symbol = Symbol('shape');

export interface ViewState {
  readonly [memoryKey]: Memory;
  readonly [baseKey]: number;
  readonly [endKey]: number;
  readonly [shapeKey]: Shape;
  readonly [indexKey]?: Int32Array;
  readonly [strideKey]?: number;
}

/**
 * How a view moves: it is `index[0]` times `stride` bytes from its base. Nested views share the
 * index. It lies in an array, since a property that changes is a tagged value, or allocates.
 */
export interface Motion {
  readonly index: Int32Array;
  readonly stride: number;
}

/** Where a view begins now, counted from its memory's origin. */
export function baseOf(view: ViewState): number {
  return view[baseKey] + (view[indexKey]?.[0] ?? 0) * (view[strideKey] ?? 0);
}

export interface Shape {
  readonly type: Type;
  readonly target: Target;
  readonly label: string;
  /** See ViewOptions. */
  readonly unchecked: boolean;
}

/** Throws: the field's bytes are not in the buffer any more. */
export function goneFor(path: string): (view: ViewState) => never {
  return (view) => {
    const { buffer } = view[memoryKey];
    const bytes = (buffer as { detached?: boolean }).detached ? 0 : buffer.byteLength;
    throw new RangeError(
      `${path}: its buffer was detached or has shrunk (to ${byteCount(bytes)}) since the view was made: make a new one`,
    );
  };
}

export function badFor(access: Access): (value: unknown, index?: number) => never {
  return (value, index) => {
    const path = index === undefined ? access.path : elementPath(access.path, index);
    throw badValue({ ...access, path }, value);
  };
}
