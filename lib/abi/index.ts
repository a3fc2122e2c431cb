/** `syslets/abi`: layouts of C types for any ABI. Needs neither the addon nor Node. */

export { type Assignable, assign } from './assign.ts';
export { atomic } from './atomic.ts';
export type { AtomicField, WaitAsync } from './atomic-native.ts';
export { copy, equal } from './copy.ts';
export { type Cursor, cursor } from './cursor.ts';
export * from './define.ts';
export { AbiError } from './error.ts';
export { type Layout, layout } from './layout.ts';
export { memberNames, offsetOf, type Place, placeOf } from './path.ts';
export type { FieldLayout, Hole } from './record.ts';
export { resolveField, resolveMaybe, resolveType } from './resolve.ts';
export * from './scalars.ts';
export * from './syslet.ts';
export { cpp, type LongDoubleFormat, type Target } from './target.ts';
export * from './targets.ts';
export { type Encoding, type SetTextOptions, setText, text } from './text.ts';
export { type ObjectOptions, type Plain, type PlainOf, toObject } from './to-object.ts';
export type * from './types.ts';
export { type ViewOptions, view } from './view.ts';
export { bytes } from './view-bytes.ts';
export type { LeafValue, ScalarArray, TypeAt, ViewArray, ViewOf } from './view-types.ts';
