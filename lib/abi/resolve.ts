import { checkTarget } from './check-target.ts';
import { matches } from './condition.ts';
import { AbiError } from './error.ts';
import type { Target } from './target.ts';
import type { AbsentType, Field, Type, VariantType } from './types.ts';
import { shown } from './value-check.ts';

type Settled<T> = Exclude<T, VariantType>;

/** The case of a variant that holds on `target`; anything else as it is. */
export function resolveField(field: Field, target: Target): Settled<Field> {
  let settled = checkedKind(field);
  while (settled.kind === 'variant') {
    checkTarget(target, 'a type that depends on the target');
    const found = settled.cases.find((one) => matches(one.when, target));
    settled = checkedKind(found ? found.type : settled.otherwise);
  }
  return settled;
}

/** Definitions come from JavaScript too: an import that is not there is undefined. */
function checkedKind(field: Field): Field {
  if (typeof (field as Field | undefined)?.kind === 'string') return field;
  throw new AbiError(`expected a type, such as u32 or struct('name', { … }), got ${shown(field)}`);
}

/** Like resolveField where only a type makes sense; undefined where it is absent. */
export function resolveMaybe(type: Type | AbsentType, target: Target): Settled<Type> | undefined {
  const settled = resolveField(type, target);
  if (settled.kind === 'absent') return undefined;
  if (settled.kind !== 'member') return checkedType(settled);
  return resolveMaybe(settled.type, target);
}

/** The type that holds on `target`; a type that does not exist there is an error. */
export function resolveType(type: Type, target: Target): Settled<Type> {
  const settled = resolveMaybe(type, target);
  if (!settled) throw new AbiError(`this type does not exist on target ${target.name}`);
  return settled;
}

function checkedType(settled: Exclude<Settled<Field>, { kind: 'absent' | 'member' }>) {
  if (settled.kind !== 'bits') return settled;
  throw new AbiError('a bit-field stands where a type was expected: bit-fields are members only');
}
