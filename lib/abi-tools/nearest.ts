/** The names that are most like `wanted`, for messages. */
export function nearest(wanted: string, names: readonly string[], count = 3): readonly string[] {
  const scored = names.map((name) => ({
    name,
    score: distance(wanted.toLowerCase(), name.toLowerCase()),
  }));
  const limit = Math.max(2, Math.ceil(wanted.length / 2));
  return scored
    .filter(({ score }) => score <= limit)
    .sort((a, b) => a.score - b.score)
    .slice(0, count)
    .map(({ name }) => name);
}

/** How many letters must be changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const mostNames = 12;

/** `'wanted' is not in where; did you mean a, b?`, or what there is if nothing is like it. */
export function notThere(wanted: string, where: string, names: readonly string[]): string {
  const hint = wanted === '' ? '' : didYouMean(wanted, names);
  if (hint) return `'${wanted}' is not in ${where}${hint}`;
  const list = firstOf(names, mostNames) || 'nothing that is a type';
  const what = wanted === '' ? `name a type, as ${where}:TYPE` : `'${wanted}' is not in ${where}`;
  return `${what}; there is ${list}`;
}

/** Of a header without types; those that it includes have `count`. */
export function noTypesIn(file: string, count: number, remedy: string): string {
  const included = count === 0 ? '' : `; those that it includes declare ${count}: ${remedy}`;
  return `${file} declares no struct, union or enumeration itself${included}`;
}

/** A binary has what its sources use. */
export function noTypesInBinary(file: string): string {
  return `the debug information of ${file} has no struct, union or enumeration: nothing in its sources uses one`;
}

/** So many names, and how many there are if those are not all. */
export function firstOf(names: readonly string[], most: number): string {
  const rest = names.length > most ? `, … (${names.length} in all)` : '';
  return `${names.slice(0, most).join(', ')}${rest}`;
}

/** `; did you mean a, b?`, or nothing. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  const found = nearest(wanted, names);
  return found.length > 0 ? `; did you mean ${found.join(', ')}?` : '';
}
