import {
  AbiError,
  type Field,
  layout,
  resolveMaybe,
  type Target,
  type Type,
} from '../abi/index.ts';
import type { Types } from './load-types.ts';
import { table } from './table.ts';

/** All structs and unions of a file beside each other, as pahole's -s, -H and -i list them. */

export interface SurveyOptions {
  /** Only those with at least so many holes. */
  readonly holes?: number;
  /** Only those that hold this type, at any depth; pointers to it do not. */
  readonly containing?: Type;
}

export interface SurveyRow {
  readonly name: string;
  readonly size: number;
  readonly align: number;
  readonly holes: number;
  readonly holeBytes: number;
  readonly padding: number;
  /** With `containing`: the first member that is one, or holds one. */
  readonly at?: string;
}

export interface Survey {
  /** The largest first. A typedef of one is not another. */
  readonly rows: readonly SurveyRow[];
  /** By name, why no compiler would lay out the others. */
  readonly failures: ReadonlyMap<string, string>;
}

export function survey(types: Types, target: Target, options: SurveyOptions = {}): Survey {
  const { holes = 0, containing } = options;
  const wanted = containing && resolveMaybe(containing, target);
  // What a target lacks is in none of its types.
  const failures = new Map<string, string>();
  if (containing && !wanted) return { rows: [], failures };
  const seen = new Set<Type>();
  const rows: SurveyRow[] = [];
  for (const [name, type] of types) {
    const settled = resolveMaybe(type, target);
    if (!settled || seen.has(settled)) continue;
    seen.add(settled);
    try {
      const row = rowOf(name, settled, target, holes, wanted);
      if (row) rows.push(row);
    } catch (error) {
      if (!(error instanceof AbiError)) throw error;
      failures.set(name, error.message);
    }
  }
  rows.sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
  return { rows, failures };
}

function rowOf(
  name: string,
  type: Type,
  target: Target,
  fewest: number,
  wanted: Type | undefined,
): SurveyRow | undefined {
  if (type.kind !== 'struct' && type.kind !== 'union') return undefined;
  const { size, align, holes, tailPadding: padding } = layout(type, target);
  if (holes.length < fewest) return undefined;
  const holeBytes = holes.reduce((sum, { bits }) => sum + bits, 0) / 8;
  const row = { name, size, align, holes: holes.length, holeBytes, padding };
  if (wanted === undefined) return row;
  const at = placeIn(type.fields, wanted, target);
  return at === undefined ? undefined : { ...row, at };
}

function placeIn(
  fields: Readonly<Record<string, Field>>,
  wanted: Type,
  target: Target,
): string | undefined {
  for (const [key, field] of Object.entries(fields)) {
    const type = field.kind === 'member' || field.kind === 'bits' ? field.type : field;
    const inner = type.kind === 'absent' ? undefined : placeOf(type, wanted, target);
    if (inner === undefined) continue;
    const isAnonymous = field.kind === 'member' && field.anonymous === true;
    return isAnonymous ? inner.replace(/^\./, '') : `${key}${inner}`;
  }
  return undefined;
}

/** '' for the type itself, `[4]` for an array of it, `.x` where a member is or holds one. */
function placeOf(type: Type, wanted: Type, target: Target): string | undefined {
  const settled = resolveMaybe(type, target);
  if (!settled) return undefined;
  if (settled === wanted) return '';
  switch (settled.kind) {
    case 'array': {
      const inner = placeOf(settled.of, wanted, target);
      return inner === undefined ? undefined : `[${settled.length}]${inner}`;
    }
    case 'flexible': {
      const inner = placeOf(settled.of, wanted, target);
      return inner === undefined ? undefined : `[]${inner}`;
    }
    case 'aligned':
      return placeOf(settled.type, wanted, target);
    case 'struct':
    case 'union': {
      const inner = placeIn(settled.fields, wanted, target);
      return inner === undefined ? undefined : `.${inner}`;
    }
    default:
      return undefined;
  }
}

export function surveyText(rows: readonly SurveyRow[]): string {
  const hasPlaces = rows.some(({ at }) => at !== undefined);
  const head = ['type', 'size', 'align', 'holes', 'bytes in holes', 'padding'];
  const lines = rows.map((row) => [
    row.name,
    ...[row.size, row.align, row.holes, row.holeBytes, row.padding].map(String),
    ...(row.at === undefined ? [] : [row.at]),
  ]);
  return table(hasPlaces ? [...head, 'at'] : head, lines);
}
