import { bareType } from './access.ts';
import { layout } from './layout.ts';
import type { Target } from './target.ts';
import type { Type } from './types.ts';

/** Whether there is an array in it that reaches as far as there is room. */
export function hasOpenEnd(given: Type, target: Target): boolean {
  const type = bareType(given, target);
  if (type.kind === 'flexible') return true;
  if (type.kind === 'array') return type.length === 0 || hasOpenEnd(type.of, target);
  if (type.kind !== 'struct' && type.kind !== 'union') return false;
  return layout(type, target).fields.some((field) => hasOpenEnd(field.type, target));
}
