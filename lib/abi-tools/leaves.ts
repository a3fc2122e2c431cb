import { type Access, accessOf, bareType } from '../abi/access.ts';
import { type FieldLayout, layout, type RecordType, type Target, type Type } from '../abi/index.ts';

/** A part of a type that is not looked into, with its path from the outermost type. */
export interface Piece {
  readonly path: string;
  /** Without typedef alignment and variants. */
  readonly type: Type;
  readonly offset: number;
  /** Bit-fields only: first bit in the target's own order, and how many. */
  readonly bits?: { readonly at: number; readonly width: number };
  /** Bytes of elements in the middle of a long array, which are not walked. */
  readonly passed?: number;
}

/** A member that is one value, with its path from the outermost record. */
export interface Leaf {
  readonly path: string;
  readonly access: Access;
  readonly isPointer?: true;
}

/** What a walk does at a union: which of its members are looked at. */
export type PickMember = (fields: readonly FieldLayout[]) => readonly FieldLayout[];

export interface WalkOptions {
  readonly pickMember?: PickMember;
  /** Types inside of which there is nothing to look at. */
  readonly isLeftOut?: (type: Type) => boolean;
  /** Arrays that are one piece. */
  readonly isWhole?: (array: Type) => boolean;
  /** How many bytes there are from the outermost type's start: as far goes a flexible tail. */
  readonly room?: number;
  /** Whether what is passed in long arrays is a piece, too. */
  readonly hasPassed?: boolean;
}

/** Array elements that are walked at each end. */
const shownElements = 3;

/** All values in a record; of long arrays the first and last elements. */
export function leavesOf(type: RecordType, target: Target, options: WalkOptions = {}): Leaf[] {
  return piecesOf(type, target, options).flatMap((piece) => {
    const access = accessTo(piece, target);
    const { path } = piece;
    const isPointer = piece.type.kind === 'pointer' && piece.bits === undefined;
    return access ? [{ path, access, ...(isPointer ? { isPointer } : {}) }] : [];
  });
}

/** How a piece is read; undefined for what is no single value. */
export function accessTo(piece: Piece, target: Target): Access | undefined {
  const { path, type, offset, bits } = piece;
  return accessOf(type, target, { path, offset, ...(bits ? { bits } : {}) });
}

export function piecesOf(type: Type, target: Target, options: WalkOptions = {}): Piece[] {
  return [...walk({ path: '', type, offset: 0 }, target, options)];
}

function* walk({ path, type, offset }: Piece, target: Target, how: WalkOptions): Generator<Piece> {
  const bare = bareType(type, target);
  if (path !== '' && how.isLeftOut?.(bare)) return;
  if (bare.kind === 'array' && how.isWhole?.(bare) !== true) {
    const { size } = layout(bare.of, target);
    for (const index of ends(bare.length)) {
      const at = offset + index * size;
      const passed = (index - shownElements) * size;
      if (how.hasPassed && index === bare.length - shownElements && passed > 0) {
        yield { path, type: bare, offset: at - passed, passed };
      }
      yield* walk({ path: `${path}[${index}]`, type: bare.of, offset: at }, target, how);
    }
  } else if (bare.kind === 'struct' || bare.kind === 'union') {
    yield* walkRecord(bare, target, { path, type: bare, offset }, how);
  } else if (bare.kind !== 'flexible') yield { path, type: bare, offset };
  else if (how.room !== undefined) {
    const { size } = layout(bare.of, target);
    const length = size === 0 ? 0 : Math.max(Math.floor((how.room - offset) / size), 0);
    const tail: Type = { kind: 'array', of: bare.of, length };
    if (length > 0) yield* walk({ path, type: tail, offset }, target, how);
  }
}

function* walkRecord(
  type: RecordType,
  target: Target,
  { path, offset: at }: Piece,
  how: WalkOptions,
): Generator<Piece> {
  const { fields } = layout(type, target);
  const { pickMember = (all) => all } = how;
  for (const field of type.kind === 'union' ? pickMember(fields) : fields) {
    const inner = field.name === '' ? path : path === '' ? field.name : `${path}.${field.name}`;
    const piece = { path: inner, type: field.type, offset: at + field.offset };
    if (field.bitWidth === undefined) yield* walk(piece, target, how);
    else if (field.name !== '') {
      const bits = { at: at * 8 + field.bitOffset, width: field.bitWidth };
      yield { ...piece, type: bareType(field.type, target), bits };
    }
  }
}

function ends(length: number): number[] {
  const all = Array.from({ length: Math.min(length, shownElements * 2) }, (_, index) => index);
  return all.map((index) => (index < shownElements ? index : length - all.length + index));
}
