import { accessOf } from './access.ts';
import { type Ground, kidGetter, memberAccessors } from './accessors.ts';
import { flatFields } from './flat-fields.ts';
import { layout } from './layout.ts';
import type { Memory } from './memory.ts';
import { lastFields } from './open-end.ts';
import type { FieldLayout } from './record.ts';
import type { RecordType } from './types.ts';
import { allow, dress, keep, notStored, strangers } from './view-base.ts';
import {
  baseKey,
  endKey,
  indexKey,
  type Motion,
  memoryKey,
  type Shape,
  type shapeKey,
  type ViewState,
} from './view-state.ts';

export type ViewClass = new (
  memory: Memory,
  base: number,
  end: number,
  motion?: Motion,
) => ViewState;

/** Makes the view of a member that is itself a struct, union or array. */
export type MakeView = (
  shape: Shape,
  memory: Memory,
  base: number,
  end: number,
  motion?: Motion,
) => ViewState;

/** The access of a member that is one value; undefined for one that has a view of its own. */
function fieldAccess(field: FieldLayout, { target, label, unchecked }: Shape) {
  const path = `${label}.${field.name}`;
  const { offset, bitOffset, bitWidth } = field;
  const bits = bitWidth === undefined ? {} : { bits: { at: bitOffset, width: bitWidth } };
  return accessOf(field.type, target, { path, offset, unchecked, ...bits });
}

/** A nested view of each new view: made at once, since V8 takes what is set once for constant. */
interface Kid {
  readonly key: symbol;
  readonly make: (memory: Memory, base: number, end: number, motion?: Motion) => object;
}

/** What a record's class depends on beside its shape: see Ground. */
export type Footing = Omit<Ground, 'room'>;

/** A class with an accessor for each member. */
export function recordClass(shape: Shape, footing: Footing, makeView: MakeView): ViewClass {
  const { type, target } = shape;
  const { stride } = footing;
  const kids: Kid[] = [];
  const own: Own = { kids };
  const made = emptyClass(shape, stride, own);
  const inside = layout(type, target);
  const fields = [...flatFields(inside, target)];
  const last = new Set(lastFields(type as RecordType, target).map(({ name }) => name));
  for (const field of fields) {
    const access = fieldAccess(field, shape);
    const pair = access
      ? memberAccessors(access, { ...footing, room: inside.size })
      : kidAccessors(field, shape, { kids, makeView, isLast: last.has(field.name) });
    Object.defineProperty(made.prototype, field.name, { ...pair, enumerable: true });
  }
  for (const kid of kids) allow(made.prototype, kid.key);
  if (fields.some(({ name }) => name === 'toJSON')) own.listed = listed(fields, made);
  return made;
}

/**
 * The class of views in the first memory that is asked for, whose arrays V8 then takes for constant; views
 * in others find theirs by themselves. A class for each memory would be worse: V8 compiles no access
 * in line where it has seen many classes.
 */
export function classByMemory(common: ViewClass): (memory: Memory) => ViewClass {
  const own = new WeakMap<Memory, ViewClass>();
  let isTaken = false;
  return (memory) => {
    if (!isTaken) own.set(memory, classIn(memory, common));
    isTaken = true;
    return own.get(memory) ?? common;
  };
}

function classIn(memory: Memory, common: ViewClass): ViewClass {
  class InMemory extends common {}
  Object.defineProperty(InMemory.prototype, memoryKey, { value: memory });
  Reflect.deleteProperty(InMemory.prototype, 'constructor');
  return InMemory;
}

/**
 * JSON.stringify finds no method where a member has its name: then it lists what the view itself has, and
 * nothing of its prototype.
 */
function listed(fields: readonly FieldLayout[], made: ViewClass): PropertyDescriptorMap {
  const own: PropertyDescriptorMap = Object.create(null);
  for (const { name } of fields)
    keep(own, name, Object.getOwnPropertyDescriptor(made.prototype, name));
  return own;
}

/** What each view of a class has for itself. */
interface Own {
  readonly kids: readonly Kid[];
  listed?: PropertyDescriptorMap;
}

function emptyClass(shape: Shape, stride: number, own: Own): ViewClass {
  class RecordView {
    declare readonly [shapeKey]: Shape;
    declare readonly [memoryKey]: Memory;
    declare readonly [baseKey]: number;
    declare readonly [endKey]: number;
    declare readonly [indexKey]?: Int32Array;
    constructor(memory: Memory, base: number, end: number, motion?: Motion) {
      // A class of classByMemory() has it.
      if (this[memoryKey] !== memory) this[memoryKey] = memory;
      this[baseKey] = base;
      this[endKey] = end;
      if (motion) this[indexKey] = motion.index;
      const nested = this as unknown as Record<symbol, object>;
      for (const kid of own.kids) nested[kid.key] = kid.make(memory, base, end, motion);
      if (own.listed) Object.defineProperties(this, own.listed);
      // Else Object.assign() of two views would lead one to the other's memory.
      Object.freeze(this);
    }
  }
  const { prototype } = RecordView;
  dress(prototype, strangers, shape, stride);
  for (const key of [memoryKey, baseKey, endKey, indexKey]) allow(prototype, key);
  Object.defineProperty(prototype, Symbol.toStringTag, { value: shape.label });
  return RecordView;
}

interface Kids {
  readonly kids: Kid[];
  readonly makeView: MakeView;
  readonly isLast: boolean;
}

function kidAccessors(field: FieldLayout, shape: Shape, { kids, makeView, isLast }: Kids) {
  const { type, offset, size } = field;
  const kid = { ...shape, type, label: `${shape.label}.${field.name}` };
  const key = Symbol(field.name);
  const make: Kid['make'] = (memory, base, end, motion) => {
    const start = base + offset;
    return makeView(kid, memory, start, isLast ? end : start + size, motion);
  };
  kids.push({ key, make });
  return { get: kidGetter(key), set: (value: unknown) => notStored(kid, value) };
}
