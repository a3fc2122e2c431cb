import { resolveMaybe, type Target, type Type } from '../abi/index.ts';
import type { DiffRow } from './diff.ts';
import type { Constants } from './import-header.ts';
import { typesIn } from './types-in.ts';

/** A side of a whole file: its types, and the enumerators of enumerations without a name. */
export interface ConstantsSide {
  readonly types: Iterable<Type>;
  readonly constants: Constants;
  readonly target: Target;
  /** It has what a program uses alone, of all that it includes: what one side lacks says nothing. */
  readonly isPartial?: boolean;
}

/**
 * What differs between enumerators whose enumeration has no name: each by its own name, since those
 * of one file need have nothing to do with each other. One that has moved into an enumeration with a
 * name is still the same constant to those who use it.
 */
export function diffConstants(a: ConstantsSide, b: ConstantsSide): DiffRow[] {
  const isPartial = a.isPartial === true || b.isPartial === true;
  const [ours, theirs] = [together(a, b.constants), together(b, a.constants)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((name): DiffRow[] => {
    const [before, now] = [ours.get(name), theirs.get(name)];
    if (before === now) return [];
    if (isPartial && (before === undefined || now === undefined)) return [];
    const breaks = before === undefined ? 'name' : 'value';
    return [{ what: `enum.${name}`, a: String(before ?? '-'), b: String(now ?? '-'), breaks }];
  });
}

/** Enumerators of `side` that the other lacks. Where one is partial they are no rows. */
export function onlyIn(side: ConstantsSide, other: ConstantsSide): string[] {
  const there = together(other, side.constants);
  return [...side.constants.keys()].filter((name) => !there.has(name));
}

/** A side's own, and of its other enumerators those that the other side has without a name. */
function together(side: ConstantsSide, others: Constants): Constants {
  const named = [...side.types].flatMap((type) => enumeratorsOf(type, side.target));
  const shared = named.filter(([name]) => others.has(name));
  return new Map([...side.constants, ...shared]);
}

/** The names of all enumerators that types have in them. */
export function enumeratorsIn(types: Iterable<Type>, target: Target): string[] {
  return [...types].flatMap((type) => enumeratorsOf(type, target).map(([name]) => name));
}

function enumeratorsOf(type: Type, target: Target): [string, bigint][] {
  const settled = resolveMaybe(type, target);
  const all = settled ? [...typesIn(settled, target)] : [];
  return all.flatMap((one) => {
    const values = one.kind === 'enum' ? Object.entries(one.values) : [];
    return values.map(([name, value]): [string, bigint] => [name, BigInt(value)]);
  });
}
