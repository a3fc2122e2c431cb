import { AbiError, layout, resolveMaybe, type Target, type Type } from '../abi/index.ts';
import { typeText } from './type-text.ts';

export interface Side {
  readonly type: Type | undefined;
  readonly target: Target;
}

/** One fact that two layouts do not share; '-' where a side has no such thing. */
export interface DiffRow {
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

/** What differs between two layouts, in the order of the first one's members. */
export function diffLayouts(a: Side, b: Side): DiffRow[] {
  const left = facts(a);
  const right = facts(b);
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names
    .map((what) => ({ what, a: left.get(what) ?? '-', b: right.get(what) ?? '-' }))
    .filter((row) => row.a !== row.b);
}

function facts({ type, target }: Side): Map<string, string> {
  const found = new Map<string, string>();
  if (!type || !resolveMaybe(type, target)) return found;
  try {
    const { size, align, tailPadding } = layout(type, target);
    found.set('size', String(size)).set('alignment', String(align));
    addMembers(found, type, target, '', 0);
    if (tailPadding > 0) found.set('tail padding', String(tailPadding));
  } catch (error) {
    if (!(error instanceof AbiError)) throw error;
    found.set('size', error.message);
  }
  return found;
}

function addMembers(
  found: Map<string, string>,
  type: Type,
  target: Target,
  prefix: string,
  at: number,
): void {
  for (const field of layout(type, target).fields) {
    const path = `${prefix}${field.name || `(${field.key})`}`;
    const offset = at + field.offset;
    const bits =
      field.bitWidth === undefined ? '' : ` bit ${field.bitOffset % 8}, ${field.bitWidth} wide`;
    const what = `${typeText(field.type, target)} at ${offset}${bits}, ${field.size} bytes`;
    found.set(path, what);
    const isNested = field.type.kind === 'struct' || field.type.kind === 'union';
    const inner = field.name === '' ? prefix : `${path}.`;
    if (isNested) addMembers(found, field.type, target, inner, offset);
  }
}
