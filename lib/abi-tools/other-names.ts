import type { Target, Type } from '../abi/index.ts';
import type { Difference, Refusal } from './ask.ts';
import { type DiffRow, diffLayouts, doesBreak } from './diff.ts';
import type { NamedType } from './names-in.ts';

/** What is known of types about which a compiler takes no questions. */
export interface OtherNames {
  readonly differences: readonly Difference[];
  /** Types that have other names there, and nothing else. */
  readonly unchecked: readonly Refusal[];
  /** Of the refusals, those that stay. */
  readonly refusals: readonly Refusal[];
}

/**
 * Import reads a header with clang: another compiler may have other members there, and refuses a question
 * that names one of clang's. Its debug information tells what it has in their place.
 */
export function otherNames(
  refusals: readonly Refusal[],
  items: readonly NamedType[],
  theirs: ReadonlyMap<string, Type>,
  target: Target,
  compiler: string,
): OtherNames {
  const ours = new Map(items);
  const made = { differences: [] as Difference[], unchecked: [] as Refusal[] };
  const stay = refusals.filter(({ record }) => {
    const [type, other] = [ours.get(record), theirs.get(record)];
    const rows =
      type && other ? diffLayouts({ type, target }, { type: other, target, isGuessed: true }) : [];
    const breaking = rows.filter(doesBreak);
    made.differences.push(
      ...breaking.map(({ what, a, b }) => ({ record, what, ours: a, theirs: b })),
    );
    if (breaking.length === 0 && rows.length > 0)
      made.unchecked.push({ record, reason: `${compiler} has other names there: ${textOf(rows)}` });
    return rows.length === 0;
  });
  return { ...made, refusals: stay };
}

const mostRows = 3;

function textOf(rows: readonly DiffRow[]): string {
  const shown = rows
    .slice(0, mostRows)
    .map(({ what, a, b }) => (what.includes(' -> ') ? what : `${what}: ${a} is ${b}`));
  const rest = rows.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join('; ');
}
