import type { DebugRecord, DebugType, DebugTypes } from '../debug-info/debug-type.ts';

/** The typedefs of an object, by their names. */
export function typedefsIn(types: DebugTypes): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const id of types.named()) {
    const one = types.typeOf(id);
    if (one.kind === 'typedef') found.set(one.name, id);
  }
  return found;
}

/**
 * `17:3` for three bits from the 17th on, as debug information tells of a bit-field: `path` leads to it
 * from the type. Bits count from the innermost array element that it is in.
 */
export function bitsInDebug(types: DebugTypes, type: number, path: string): string {
  let record = recordAt(types, type);
  let from = 0;
  for (const step of path.split('.')) {
    const name = step.replace(/(?:\[0\])*$/, '');
    const found = record && memberIn(types, record, name);
    if (!found) return 'none';
    if (found.bitWidth !== undefined) return `${from + found.bitOffset}:${found.bitWidth}`;
    from = name === step ? from + found.bitOffset : 0;
    record = recordAt(types, found.type);
  }
  return 'no bit-field';
}

interface Place {
  readonly type: number;
  readonly bitOffset: number;
  readonly bitWidth?: number;
}

/** Also in structs and unions that have no name. */
function memberIn(types: DebugTypes, record: DebugRecord, name: string): Place | undefined {
  for (const one of record.members) {
    if (one.name === name) return one;
    const inner = one.name === '' ? recordAt(types, one.type) : undefined;
    const found = inner && memberIn(types, inner, name);
    if (found) return { ...found, bitOffset: one.bitOffset + found.bitOffset };
  }
  return undefined;
}

/** Behind typedefs, qualifiers and arrays. */
function recordAt(types: DebugTypes, id: number): DebugRecord | undefined {
  let one: DebugType = types.typeOf(id);
  for (;;) {
    if (one.kind === 'typedef' || one.kind === 'qualifier') one = types.typeOf(one.to);
    else if (one.kind === 'array') one = types.typeOf(one.of);
    else return 'members' in one ? one : undefined;
  }
}
