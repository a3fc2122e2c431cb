import type { DebugTypes } from '../debug-info/debug-type.ts';
import { typeBehind } from '../debug-info/type-behind.ts';

/** Whether it is a typedef of a scalar, a pointer or an array, of a kind that is known here or not. */
export function namesValue(types: DebugTypes, id: number): boolean {
  const end = types.typeOf(id).kind === 'typedef' ? typeBehind(types, id)?.kind : undefined;
  return end === 'scalar' || end === 'pointer' || end === 'array' || end === 'refused';
}
