import type { EnumType } from '../abi/index.ts';
import type { DiffRow } from './diff.ts';

type Enumerator = readonly [name: string, value: number | bigint];

/**
 * What differs between the enumerators of two versions of an enumeration. One that is added beside
 * the old ones breaks nothing; one that is removed does, unless its value has another name now.
 */
export function diffEnumerators(label: string, a: EnumType, b: EnumType): DiffRow[] {
  const theirs = new Map(Object.entries(b.values));
  const added = Object.entries(b.values).filter(([name]) => !Object.hasOwn(a.values, name));
  const rows = Object.entries(a.values).flatMap(([name, value]): DiffRow[] => {
    const now = theirs.get(name);
    if (now !== undefined)
      return BigInt(now) === BigInt(value) ? [] : [moved(label, name, value, now)];
    return [gone(label, [name, value], b, takeSame(added, value))];
  });
  return [...rows, ...added.map(([name, value]) => appeared(label, name, value))];
}

function moved(label: string, name: string, a: number | bigint, b: number | bigint): DiffRow {
  return { what: `${label}.${name}`, a: String(a), b: String(b), breaks: 'value' };
}

function appeared(label: string, name: string, value: number | bigint): DiffRow {
  return { what: `${label}.${name}`, a: '-', b: String(value), breaks: 'name' };
}

/** Takes the new enumerator that has the value out of the list. */
function takeSame(added: Enumerator[], value: number | bigint): Enumerator | undefined {
  const at = added.findIndex(([, one]) => BigInt(one) === BigInt(value));
  return at < 0 ? undefined : added.splice(at, 1)[0];
}

function gone(
  label: string,
  [name, value]: Enumerator,
  b: EnumType,
  renamed?: Enumerator,
): DiffRow {
  const what = `${label}.${name}`;
  const a = String(value);
  if (renamed)
    return { what: `${what} -> ${renamed[0]}`, a, b: String(renamed[1]), breaks: 'name' };
  const isNamed = Object.values(b.values).some((one) => BigInt(one) === BigInt(value));
  return { what, a, b: '-', breaks: isNamed ? 'name' : 'value' };
}
