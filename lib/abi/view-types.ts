import type { Target } from './target.ts';
import type {
  AbsentType,
  AlignedType,
  ArrayType,
  BitsMember,
  Case,
  EnumType,
  FlexibleType,
  Member,
  PointerType,
  ScalarName,
  ScalarType,
  StructType,
  Type,
  UnionType,
  VariantType,
} from './types.ts';

/** What a scalar is in JavaScript: bigint where some target needs more than 53 bits. */
export type ScalarValue<S extends ScalarName> = S extends 'bool'
  ? boolean
  : S extends
        | 'u64'
        | 'i64'
        | 'u128'
        | 'i128'
        | 'long'
        | 'ulong'
        | 'longlong'
        | 'ulonglong'
        | 'size_t'
        | 'ssize_t'
    ? bigint
    : number;

type FitsOne<Want, Have> = unknown extends Want
  ? true
  : [Have] extends [Want]
    ? true
    : [Want & Have] extends [never]
      ? false
      : boolean;

type Prop<T, K extends string> = T extends { readonly [P in K]: infer V } ? V : unknown;
type NamesOf<W> = W extends { readonly names: readonly (infer N)[] } ? N : unknown;

type And<A extends boolean, B extends boolean> = [A] extends [false]
  ? false
  : [B] extends [false]
    ? false
    : A | B;

/** true, false, or boolean where the target's type is too wide to say. */
export type Fits<W, G extends Target> = And<
  And<FitsOne<NamesOf<W>, G['name']>, FitsOne<Prop<W, 'byteOrder'>, G['byteOrder']>>,
  And<
    FitsOne<Prop<W, 'longSize'>, G['longSize']>,
    FitsOne<Prop<W, 'pointerSize'>, G['pointerSize']>
  >
>;

/** What holds of a variant on target G; of anything else itself. */
export type Resolve<T, G extends Target> =
  T extends VariantType<infer C, infer O> ? ResolveCases<C, O, G> : T;

type ResolveCases<C extends readonly unknown[], O, G extends Target> = C extends readonly [
  infer H,
  ...infer R,
]
  ? H extends Case<infer W, infer X>
    ? [Fits<W, G>] extends [true]
      ? Resolve<X, G>
      : ResolveFailed<Fits<W, G>, X, R, O, G>
    : never
  : Resolve<O, G>;

type ResolveFailed<B, X, R extends readonly unknown[], O, G extends Target> = [B] extends [false]
  ? ResolveCases<R, O, G>
  : Resolve<X, G> | ResolveCases<R, O, G>;

/** The type of a member without its attributes. */
export type Bare<T, G extends Target> =
  Resolve<T, G> extends infer R
    ? R extends Member<infer M>
      ? Bare<M, G>
      : R extends AlignedType<infer A>
        ? Bare<A, G>
        : R
    : never;

type FieldsOf<T> = T extends StructType<infer F> ? F : T extends UnionType<infer F> ? F : never;

type IsAnonymous<M, G extends Target> =
  Resolve<M, G> extends { readonly kind: 'member'; readonly anonymous: true } ? true : false;

/** Keys that are members by their own name. */
type NamedKeys<F, G extends Target> = {
  [K in keyof F]: Resolve<F[K], G> extends AbsentType | { readonly unnamed: true }
    ? never
    : IsAnonymous<F[K], G> extends true
      ? never
      : K;
}[keyof F];

type AnonymousKeys<F, G extends Target> = {
  [K in keyof F]: IsAnonymous<F[K], G> extends true ? K : never;
}[keyof F];

/** Without a base B is never: then one of 8 bytes has enumerators that are bigints, or is refused. */
type EnumValue<V, B extends ScalarName> = [Extract<V[keyof V], bigint>] extends [never]
  ? [B] extends [never]
    ? number
    : Exclude<ScalarValue<B>, boolean>
  : bigint;

/** The value of a type that is one number, bigint or boolean; never for the rest. */
export type LeafValue<T, G extends Target> =
  Bare<T, G> extends infer B
    ? B extends BitsMember<infer D>
      ? LeafValue<D, G>
      : B extends ScalarType<infer S>
        ? ScalarValue<S>
        : B extends PointerType
          ? bigint
          : B extends EnumType<infer V, infer I>
            ? EnumValue<V, I>
            : never
    : never;

type LeafKeys<F, G extends Target> = {
  [K in NamedKeys<F, G>]: [LeafValue<F[K], G>] extends [never] ? never : K;
}[NamedKeys<F, G>];

type UnionToIntersection<U> = (U extends unknown ? (arg: U) => void : never) extends (
  arg: infer I,
) => void
  ? I
  : never;

type AnonymousViews<F, G extends Target> = [AnonymousKeys<F, G>] extends [never]
  ? unknown
  : UnionToIntersection<{ [K in AnonymousKeys<F, G>]: MembersView<F[K], G> }[AnonymousKeys<F, G>]>;

declare const viewed: unique symbol;

/** What a view knows of its type; exists for the compiler only. */
export interface Viewed<T, G extends Target> {
  readonly [viewed]?: { readonly type: T; readonly target: G };
}

/** The members of a struct or union: values are read and written, nested views are read. */
export type MembersView<T, G extends Target> =
  FieldsOf<Bare<T, G>> extends infer F
    ? { [K in LeafKeys<F, G>]: LeafValue<F[K], G> } & {
        readonly [K in Exclude<NamedKeys<F, G>, LeafKeys<F, G>>]: ViewOf<F[K], G>;
      } & AnonymousViews<F, G>
    : never;

/** An array of numbers, bigints or booleans. `get` and `set` are fast, `[i]` is convenient. */
export interface ScalarArray<V> extends Iterable<V> {
  readonly length: number;
  [index: number]: V;
  get(index: number): V;
  set(index: number, value: V): void;
  toArray(): V[];
}

/**
 * An array of structs, unions or arrays: its elements are views, made once. For loops over many of
 * them see cursor().
 */
export interface ViewArray<V> extends Iterable<V> {
  readonly length: number;
  readonly [index: number]: V;
  /** RangeError where there is no such element. */
  get(index: number): V;
  /** Counts from the end where the index is negative; undefined where there is no such element. */
  at(index: number): V | undefined;
  toArray(): V[];
}

type ElementView<E, G extends Target> = [LeafValue<E, G>] extends [never]
  ? ViewArray<ViewOf<E, G>>
  : ScalarArray<LeafValue<E, G>>;

/** The view of a type that the compiler knows too little of: any member, any value. */
// biome-ignore lint/suspicious/noExplicitAny: the members are known at run time only
export type AnyView = any;

/** Whether T is no one struct, but for instance `Type` or `RecordType`. */
type IsWide<T> = [Type] extends [T]
  ? true
  : T extends { readonly fields: infer F }
    ? string extends keyof F
      ? true
      : false
    : false;

/** What `view(type, target, …)` returns. */
export type ViewOf<T, G extends Target = Target> =
  true extends IsWide<T> ? AnyView : KnownView<T, G>;

type KnownView<T, G extends Target> =
  Bare<T, G> extends infer B
    ? B extends ArrayType<infer E>
      ? ElementView<E, G>
      : B extends FlexibleType<infer E>
        ? ElementView<E, G>
        : B extends StructType | UnionType
          ? MembersView<B, G> & Viewed<B, G>
          : never
    : never;

/** The type of member N of T, also through anonymous members; never if there is none. */
type MemberAt<T, N extends string, G extends Target> =
  FieldsOf<Bare<T, G>> extends infer F
    ? N extends NamedKeys<F, G>
      ? F[N & keyof F]
      : { [K in AnonymousKeys<F, G>]: MemberAt<F[K], N, G> }[AnonymousKeys<F, G>]
    : never;

type ElementAt<T, G extends Target> =
  Bare<T, G> extends ArrayType<infer E> | FlexibleType<infer E> ? E : never;

type StepAt<T, S extends string, G extends Target> = S extends `${infer N}[${string}]${infer M}`
  ? StepAt<ElementAt<N extends '' ? T : MemberAt<T, N, G>, G>, M, G>
  : S extends ''
    ? T
    : MemberAt<T, S, G>;

/** The type at a path such as `params.syslet.frame.ip` or `comp[3].status`; else never. */
export type TypeAt<T, P extends string, G extends Target> = P extends `${infer S}.${infer R}`
  ? TypeAt<StepAt<T, S, G>, R, G>
  : StepAt<T, P, G>;

/** P where there is such a member; a type that nothing fits where there is none. */
export type CheckedPath<T, P extends string, G extends Target> = [TypeAt<T, P, G>] extends [never]
  ? { readonly noSuchMember: P }
  : unknown;

/** The scalars that atomic instructions reach. */
type AtomicScalar = Exclude<
  ScalarName,
  'bool' | 'float' | 'double' | 'longdouble' | 'u128' | 'i128'
>;

type AtomicLeaf<T, G extends Target> =
  Bare<T, G> extends infer B
    ? B extends ScalarType<infer S>
      ? S extends AtomicScalar
        ? ScalarValue<S>
        : never
      : B extends PointerType | EnumType
        ? LeafValue<B, G>
        : never
    : never;

/** The value of an atomic field at a path; never for bit-fields, floats and records. */
export type AtomicValue<T, P extends string, G extends Target> = AtomicLeaf<TypeAt<T, P, G>, G>;
