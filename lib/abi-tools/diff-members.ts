import { type FieldLayout, layout, type RecordType, type Target } from '../abi/index.ts';
import { type Fact, memberFact } from './diff-fact.ts';
import { typeText } from './type-text.ts';

/**
 * Which member of the second record is which of the first: that of the same name; else one whose
 * name the first does not have, with the same place and value.
 */
export function partnersOf(
  ours: readonly FieldLayout[],
  left: Target,
  theirs: readonly FieldLayout[],
  right: Target,
  hasAligns: boolean,
): ReadonlyMap<FieldLayout, FieldLayout> {
  const byName = new Map(theirs.map((field) => [field.name, field]));
  const names = new Set(ours.map((field) => field.name));
  const free = theirs.filter((field) => !names.has(field.name));
  const partners = new Map<FieldLayout, FieldLayout>();
  for (const field of ours) {
    const shape = (fact: Fact) => placeText(fact, hasAligns) + fact.value;
    const own = shape(memberFact(field, left, 0));
    const partner =
      byName.get(field.name) ?? take(free, (one) => shape(memberFact(one, right, 0)) === own);
    if (partner) partners.set(field, partner);
  }
  return partners;
}

/** `hasAligns`: whether alignments are compared. */
export function placeText({ place, align }: Fact, hasAligns: boolean): string {
  return hasAligns ? `${place}${align} ` : `${place} `;
}

/** Takes the first that fits out of the list. */
function take<T>(list: T[], fits: (one: T) => boolean): T | undefined {
  const at = list.findIndex(fits);
  return at < 0 ? undefined : list.splice(at, 1)[0];
}

/**
 * Members without a name, by what a difference would be: of anonymous structs and unions a name,
 * of unnamed bit-fields padding. Where they move others, that shows there.
 */
export function unnamedIn(type: RecordType, target: Target): { name: string[]; padding: string[] } {
  const found = { name: [] as string[], padding: [] as string[] };
  for (const field of layout(type, target).fields.filter(({ name }) => name === '')) {
    if (field.bitWidth === undefined) {
      const inner = unnamedIn(field.type as RecordType, target);
      found.name.push(typeText(field.type, target), ...inner.name);
      found.padding.push(...inner.padding);
    } else found.padding.push(memberFact(field, target, 0).text);
  }
  return found;
}

/** What one list has and the other has not, side by side; '-' where one has more. */
export function unshared(ours: readonly string[], theirs: readonly string[]): [string, string][] {
  const right = [...theirs];
  const left = ours.filter((text) => take(right, (one) => one === text) === undefined);
  const count = Math.max(left.length, right.length);
  return Array.from({ length: count }, (_, at) => [left[at] ?? '-', right[at] ?? '-']);
}
