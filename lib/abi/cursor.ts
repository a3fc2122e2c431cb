import { accessOf, bareType } from './access.ts';
import { compile } from './compile.ts';
import { type ArrayState, has, outside } from './elements.ts';
import { AbiError } from './error.ts';
import { mostZeros, tableOf, zeros } from './fits.ts';
import { layout } from './layout.ts';
import { hasOpenEnd } from './open-end.ts';
import type { Target } from './target.ts';
import type { ArrayType, FlexibleType, Type } from './types.ts';
import { shown } from './value-check.ts';
import { elementShape, makeView } from './view.ts';
import { baseOf, countKey, endKey, memoryKey, shapeKey, type ViewState } from './view-state.ts';
import type { ViewArray } from './view-types.ts';

/**
 * One view, and what moves it to another element of the array. `move` returns the view; it throws
 * RangeError for what is no index of the array, and leaves the view where it is.
 */
export type Cursor<V> = readonly [row: V, move: (index: number) => V];

/**
 * A view that moves over an array of structs, unions or arrays: for loops over many elements. It
 * costs no more than hand-written index arithmetic, where `rows[i]` has to load a view first.
 *
 * ```ts
 * const [row, move] = cursor(table.rows);
 * for (let i = 0; i < table.rows.length; i++) {
 *   move(i);
 *   sum += row.second;
 * }
 * ```
 *
 * The view begins at the array's first element. There is only one: take `rows[i]` to keep an
 * element. Views read from it (`row.inner`, `row.list`) move with it; what `atomic()` made of it
 * stays where it was.
 * Throws TypeError for what is no such array, AbiError where elements end in an array without a
 * length of its own.
 */
export function cursor<V extends object>(rows: ViewArray<V>): Cursor<V> {
  const array = checked(rows);
  const { [shapeKey]: shape, [memoryKey]: memory, [endKey]: end } = array;
  const { of } = shape.type as ArrayType | FlexibleType;
  const { size } = layout(of, shape.target);
  // A buffer of its own: V8 knows where such an array's data lie.
  const index = new Int32Array(new ArrayBuffer(4));
  const row = makeView(elementShape(shape, of), memory, baseOf(array), end, {
    index,
    stride: size,
  });
  return [row, mover(array, row, index)] as unknown as Cursor<V>;
}

function checked(rows: unknown): ArrayState {
  const array = rows as ArrayState;
  const shape = typeof rows === 'object' && rows !== null ? array[shapeKey] : undefined;
  const type = shape && bareType(shape.type, shape.target);
  const isArray = type?.kind === 'array' || type?.kind === 'flexible';
  if (!shape || !isArray || isValue(type.of, shape.target)) {
    const what = isArray ? 'an array of values' : 'which is no array';
    throw new TypeError(
      `cursor(): expected a view of an array of structs, unions or arrays, got ${shape ? `${shape.label}, ${what}` : shown(rows)}`,
    );
  }
  if (hasOpenEnd(type.of, shape.target)) {
    throw new AbiError(
      `${shape.label}: its elements end in an array that has no length of its own: use [i], not a cursor`,
    );
  }
  return array;
}

function isValue(type: Type, target: Target): boolean {
  return accessOf(type, target, { path: '', offset: 0 }) !== undefined;
}

type Move = (index: number) => object;

function mover(array: ArrayState, row: ViewState, position: Int32Array): Move {
  const { [countKey]: count } = array;
  const few = count <= mostZeros;
  const names = {
    array,
    row,
    count,
    position,
    Z: few ? zeros(count) : tableOf(0),
    outside,
  };
  const isOutside = few
    ? "typeof i !== 'number' || Z[i] === undefined"
    : 'Z[i < 0 || i >= count || i !== Math.floor(i) ? 1 : 0] === undefined';
  const text = `(i) => { if (${isOutside}) outside(array, i); position[0] = i; return row; }`;
  return (compile(text, names) as Move | undefined) ?? slowMover(array, row, position);
}

function slowMover(array: ArrayState, row: ViewState, position: Int32Array): Move {
  return (index) => {
    if (!has(array, index)) outside(array, index);
    position[0] = index;
    return row;
  };
}
