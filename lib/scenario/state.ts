import type {
  ArrayType,
  AtomicField,
  EnumType,
  PointerType,
  ScalarArray,
  ScalarName,
  ScalarType,
  StructType,
  UnionType,
  ViewArray,
} from '../abi/index.ts';
import type { ScalarValue } from '../abi/view-types.ts';

/** Types that atomic instructions reach. */
export type AtomicType =
  | ScalarType<Exclude<ScalarName, 'bool' | 'float' | 'double' | 'longdouble' | 'u128' | 'i128'>>
  | PointerType
  | EnumType;

/** A field whose every access is one of `Atomics`. */
export interface AtomicState<T extends AtomicType = AtomicType> {
  readonly kind: 'atomic-state';
  readonly type: T;
}

/** A field on cache lines that it shares with no other. */
export interface PaddedState<F extends PaddableField = PaddableField> {
  readonly kind: 'padded-state';
  readonly field: F;
}

/** A SharedArrayBuffer of its own for each state. */
export interface BufferState {
  readonly kind: 'buffer-state';
  readonly bytes: number;
}

/** Types with one value, and those with a view. */
export type LeafType = ScalarType | PointerType | EnumType;
export type CompoundType = ArrayType | StructType | UnionType;

export type PaddableField = LeafType | CompoundType | AtomicState;
export type StateField = PaddableField | PaddedState | BufferState;
export type StateFields = Readonly<Record<string, StateField>>;

/** Read and written by `Atomics`: `state.flag.store(1)`. */
export function atomic<T extends AtomicType>(type: T): AtomicState<T> {
  return Object.freeze({ kind: 'atomic-state', type });
}

/** Alone on its cache lines: no false sharing with the fields beside it. */
export function padded<F extends PaddableField>(field: F): PaddedState<F> {
  return Object.freeze({ kind: 'padded-state', field });
}

/**
 * Zeroed memory for code that wants a whole SharedArrayBuffer, such as a published ring buffer.
 * Each state has its own; what `open` makes of it is kept.
 */
export function sharedBuffer(bytes: number): BufferState {
  return Object.freeze({ kind: 'buffer-state', bytes });
}

/** What actors see of a field. */
export type FieldValue<F> = F extends { readonly kind: 'padded-state'; readonly field: infer P }
  ? UnpaddedValue<P>
  : UnpaddedValue<F>;

// Told apart by their kind alone: whole types are compared for ever.
type UnpaddedValue<F> = F extends { readonly kind: 'atomic-state'; readonly type: infer T }
  ? AtomicField<ValueOf<T>>
  : F extends { readonly kind: 'buffer-state' }
    ? SharedArrayBuffer
    : F extends { readonly kind: 'scalar' | 'pointer' | 'enum' }
      ? ValueOf<F>
      : F extends { readonly kind: 'array' | 'struct' | 'union' }
        ? CompoundView<F>
        : never;

/**
 * Arrays and records, without the variants and attributes that syslets/abi has for foreign headers:
 * its own type of views is too deep for the compiler where a state is still being inferred.
 */
type CompoundView<F> = F extends { readonly kind: 'array'; readonly of: infer E }
  ? ElementView<E>
  : F extends { readonly fields: infer M }
    ? { -readonly [K in keyof M]: MemberView<M[K]> }
    : never;

type ElementView<E> = [ValueOf<E>] extends [never]
  ? ViewArray<CompoundView<E>>
  : ScalarArray<ValueOf<E>>;

type MemberView<M> = [ValueOf<M>] extends [never] ? CompoundView<M> : ValueOf<M>;

/** The value of a type that has one. */
type ValueOf<T> = T extends { readonly kind: 'scalar'; readonly scalar: infer N extends ScalarName }
  ? ScalarValue<N>
  : T extends { readonly kind: 'pointer' }
    ? bigint
    : T extends EnumType<infer V>
      ? [Extract<V[keyof V], bigint>] extends [never]
        ? number
        : bigint
      : never;

/** The state as actors see it. Plain values can be assigned to; all else throws on assignment. */
export type StateView<S> = { -readonly [K in keyof S]: FieldValue<S[K]> };

/** Types of result registers: one number, bigint or boolean of up to 8 bytes. */
export type RegisterType = ScalarType<Exclude<ScalarName, 'longdouble' | 'u128' | 'i128'>>;
export type Registers = Readonly<Record<string, RegisterType>>;
export type ResultView<R> = { -readonly [K in keyof R]: ValueOf<R[K]> };
