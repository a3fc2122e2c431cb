import { bareType } from './access.ts';
import type { ArrayState, Elements } from './elements.ts';
import { flatFields } from './flat-fields.ts';
import { layout } from './layout.ts';
import { type Allowed, checkOptions } from './options.ts';
import type { Target } from './target.ts';
import { isText, text } from './text.ts';
import type { EnumType, Type } from './types.ts';
import { stateOf } from './view-bytes.ts';
import { shapeKey, type ViewState } from './view-state.ts';
import type { ScalarArray, ViewArray } from './view-types.ts';

/** What a view shows, as plain data. */
export type Plain =
  | number
  | bigint
  | boolean
  | string
  | readonly Plain[]
  | { readonly [name: string]: Plain };

export interface ObjectOptions {
  /** Bigints as strings of digits: JSON has none. */
  readonly bigints?: 'string';
  /** Enumerators by name, where the value has one. */
  readonly enums?: 'name';
  /** Arrays of char as text. */
  readonly chars?: 'text';
}

/** The plain object of a view: arrays for its arrays, values as its members give them. */
export type PlainOf<V> = 0 extends 1 & V
  ? V
  : V extends number | bigint | boolean
    ? V
    : V extends ScalarArray<infer X>
      ? X[]
      : V extends ViewArray<infer X>
        ? PlainOf<X>[]
        : { -readonly [K in keyof V as K extends string ? K : never]: PlainOf<V[K]> };

/**
 * A copy of all that a view shows, as plain objects and arrays; of a union each member. By default
 * values are as its members give them; the options are what JSON.stringify and console.log use.
 */
export function toObject<V extends object>(view: V): PlainOf<V>;
export function toObject(view: object, options: ObjectOptions): Plain;
export function toObject(view: object, options: ObjectOptions = {}): unknown {
  const state = stateOf(view, 'toObject()');
  checkOptions('toObject()', options, allowed);
  return plain(state, options);
}

const allowed: Allowed = { bigints: ['string'], enums: ['name'], chars: ['text'] };

export interface PlainOptions extends ObjectOptions {
  /** What an array gives, where not all of its elements are wanted. */
  readonly list?: (array: ArrayState & Elements, one: (index: number) => Plain) => Plain;
}

export function plain(view: ViewState, options: PlainOptions): Plain {
  const { type, target } = view[shapeKey];
  const bare = bareType(type, target);
  if (bare.kind === 'array' || bare.kind === 'flexible') {
    return arrayPlain(view as ArrayState & Elements, bare.of, options);
  }
  const members = view as unknown as Readonly<Record<string, unknown>>;
  const entries = [...flatFields(layout(type, target), target)].map((field) => {
    return [field.name, plainValue(members[field.name], field.type, target, options)] as const;
  });
  return Object.fromEntries(entries);
}

function arrayPlain(array: ArrayState & Elements, of: Type, options: PlainOptions): Plain {
  const { type, target } = array[shapeKey];
  if (options.chars === 'text' && isText(type, target)) return text(array);
  const one = (index: number) => plainValue(array.get(index), of, target, options);
  if (options.list) return options.list(array, one);
  return Array.from({ length: array.length }, (_, index) => one(index));
}

function plainValue(value: unknown, type: Type, target: Target, options: PlainOptions): Plain {
  if (typeof value === 'object') return plain(value as ViewState, options);
  const bare = bareType(type, target);
  const name = options.enums && bare.kind === 'enum' ? enumeratorOf(bare, value) : undefined;
  if (name !== undefined) return name;
  return typeof value === 'bigint' && options.bigints ? String(value) : (value as Plain);
}

/** The name of a value, the first of those that have it. */
export function enumeratorOf({ values }: EnumType, value: unknown): string | undefined {
  const whole = BigInt(value as number | bigint);
  return Object.entries(values).find(([, one]) => BigInt(one) === whole)?.[0];
}
