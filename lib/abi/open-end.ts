import { bareType } from './access.ts';
import { layout } from './layout.ts';
import type { FieldLayout } from './record.ts';
import type { Target } from './target.ts';
import type { RecordType, Type } from './types.ts';

/** Whether it ends in an array that reaches as far as there is room. */
export function hasOpenEnd(given: Type, target: Target): boolean {
  const type = bareType(given, target);
  if (type.kind === 'flexible') return true;
  if (type.kind === 'array') return type.length === 0;
  if (type.kind !== 'struct' && type.kind !== 'union') return false;
  return lastFields(type, target).some((field) => hasOpenEnd(field.type, target));
}

/**
 * The members behind which nothing of the record lies, those of anonymous members too: only there an array
 * without a length may go on. An array of none in the middle of a struct marks a place.
 */
export function lastFields(type: RecordType, target: Target): readonly FieldLayout[] {
  const found: FieldLayout[] = [];
  for (const field of layout(type, target).fields.toReversed()) {
    if (field.name !== '') found.push(field);
    else if (field.bitWidth === undefined) {
      found.push(...lastFields(bareType(field.type, target) as RecordType, target));
    }
    if (type.kind === 'struct' && hasBytes(field)) break;
  }
  return found;
}

function hasBytes({ size, bitWidth }: FieldLayout): boolean {
  return bitWidth === undefined ? size > 0 : bitWidth > 0;
}
