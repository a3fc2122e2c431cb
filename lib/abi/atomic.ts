import { type Access, accessOf } from './access.ts';
import { ForeignField, NarrowBigField } from './atomic-foreign.ts';
import { type AtomicField, NativeField, type Spot } from './atomic-native.ts';
import { AbiError } from './error.ts';
import { hostIsLittle } from './memory.ts';
import { placeOf } from './path.ts';
import type { Target } from './target.ts';
import type { Type } from './types.ts';
import { baseOf, goneFor, memoryKey, shapeKey, type ViewState } from './view-state.ts';
import type { AtomicValue, Viewed } from './view-types.ts';

/**
 * Atomic access to the field at `path` of a view, such as `kernel_head` or `comp[3].status`. Make
 * it once and keep it: its methods allocate nothing (bigints aside). Throws AbiError for fields
 * that no atomic instruction reaches: bit-fields, floats, 16 bytes, and misaligned ones.
 */
export function atomic<T extends Type, G extends Target, const P extends string>(
  view: Viewed<T, G>,
  path: P & ([AtomicValue<T, P, G>] extends [never] ? { readonly notAtomic: P } : unknown),
): AtomicField<AtomicValue<T, P, G>> {
  const state = view as unknown as ViewState;
  const { type, target, label } = state[shapeKey];
  const place = placeOf(type, target, path);
  const full = `${label}.${path}`;
  if (place.bitWidth !== undefined) throw new AbiError(`${full}: a bit-field has no atomic access`);
  const access = accessOf(place.type, target, { path: full, offset: place.offset });
  const spot = checkedSpot(access, full, state, place.offset);
  return atomicAt(spot) as AtomicField<AtomicValue<T, P, G>>;
}

function checkedSpot(access: Access | undefined, path: string, state: ViewState, offset: number) {
  if (!access || access.form === 'float' || access.form === 'bool' || access.size > 8) {
    throw new AbiError(
      `${path}: only integers, enumerations and pointers of 1 to 8 bytes are atomic`,
    );
  }
  const at = baseOf(state) + offset;
  if (at % access.size !== 0) {
    const where = at + state[memoryKey].origin;
    throw new AbiError(
      `${path}: at byte ${where} of its buffer; atomic access needs a multiple of ${access.size}`,
    );
  }
  const gone = goneFor(path);
  return { access, memory: state[memoryKey], at, gone: () => gone(state) };
}

function atomicAt(spot: Spot): AtomicField<unknown> {
  const { access } = spot;
  const isForeign = access.size > 1 && access.little !== hostIsLittle;
  const field = isForeign ? new ForeignField(spot) : new NativeField(spot);
  return access.value === 'bigint' && access.size < 8 ? new NarrowBigField(field, access) : field;
}
