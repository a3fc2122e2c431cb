import { type Access, accessOf, bareType } from '../abi/access.ts';
import { type FieldLayout, layout, type RecordType, type Target, type Type } from '../abi/index.ts';

/** A member that is one value, with its path from the outermost record. */
export interface Leaf {
  readonly path: string;
  readonly access: Access;
  readonly isPointer?: true;
}

/** What a walk does at a union: which of its members are looked at. */
export type PickMember = (fields: readonly FieldLayout[]) => readonly FieldLayout[];

const everyMember: PickMember = (fields) => fields;

/** Array elements that are walked at each end. */
const shownElements = 3;

/** All values in a record; of long arrays the first and last elements. */
export function leavesOf(type: RecordType, target: Target, pickMember = everyMember): Leaf[] {
  return [...walk(type, target, '', 0, pickMember)];
}

function* walk(
  type: Type,
  target: Target,
  path: string,
  at: number,
  pickMember: PickMember,
): Generator<Leaf> {
  const bare = bareType(type, target);
  const access = accessOf(bare, target, { path, offset: at });
  if (access) yield { path, access, ...(bare.kind === 'pointer' ? { isPointer: true } : {}) };
  else if (bare.kind === 'array') {
    const { size } = layout(bare.of, target);
    for (const index of ends(bare.length)) {
      yield* walk(bare.of, target, `${path}[${index}]`, at + index * size, pickMember);
    }
  } else if (bare.kind === 'struct' || bare.kind === 'union') {
    yield* walkRecord(bare, target, path, at, pickMember);
  }
}

function* walkRecord(
  type: RecordType,
  target: Target,
  path: string,
  at: number,
  pickMember: PickMember,
): Generator<Leaf> {
  const { fields } = layout(type, target);
  for (const field of type.kind === 'union' ? pickMember(fields) : fields) {
    const inner = field.name === '' ? path : path === '' ? field.name : `${path}.${field.name}`;
    if (field.bitWidth === undefined) {
      yield* walk(field.type, target, inner, at + field.offset, pickMember);
    } else if (field.name !== '') {
      const bits = { at: at * 8 + field.bitOffset, width: field.bitWidth };
      const access = accessOf(field.type, target, { path: inner, offset: at + field.offset, bits });
      if (access) yield { path: inner, access };
    }
  }
}

function ends(length: number): number[] {
  const all = Array.from({ length: Math.min(length, shownElements * 2) }, (_, index) => index);
  return all.map((index) => (index < shownElements ? index : length - all.length + index));
}
