import { type Layout, layout } from './layout.ts';
import type { FieldLayout } from './record.ts';
import type { Target } from './target.ts';

/** A record's members with those of its anonymous members, all from the record's start. */
export function* flatFields(inside: Layout, target: Target): Generator<FieldLayout> {
  for (const field of inside.fields) {
    if (field.name !== '') yield field;
    else if (field.bitWidth === undefined) {
      for (const inner of flatFields(layout(field.type, target), target)) {
        const offset = inner.offset + field.offset;
        yield { ...inner, offset, bitOffset: inner.bitOffset + field.bitOffset };
      }
    }
  }
}
