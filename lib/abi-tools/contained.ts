import type { Field, Type } from '../abi/index.ts';

/** `member 'x': …` for the first member, at any depth, whose type is in `bad`, with its reason. */
export function containedIn(type: Type, bad: ReadonlyMap<Type, string>): string | undefined {
  const found = bad.get(type);
  if (found) return found;
  switch (type.kind) {
    case 'array':
    case 'flexible':
      return containedIn(type.of, bad);
    case 'aligned':
      return containedIn(type.type, bad);
    case 'struct':
    case 'union':
      return inFields(type.fields, bad);
    default:
      return undefined;
  }
}

function inFields(
  fields: Readonly<Record<string, Field>>,
  bad: ReadonlyMap<Type, string>,
): string | undefined {
  for (const [key, field] of Object.entries(fields)) {
    const isPlain = field.kind !== 'absent' && field.kind !== 'variant';
    const type = field.kind === 'member' || field.kind === 'bits' ? field.type : field;
    const inner = isPlain ? containedIn(type as Type, bad) : undefined;
    if (inner) return `member '${key}': ${inner}`;
  }
  return undefined;
}
