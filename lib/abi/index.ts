/** `syslets/abi`: layouts of C types for any ABI. Needs neither the addon nor Node. */
export { atomic } from './atomic.ts';
export type { AtomicField } from './atomic-native.ts';
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
export type * from './types.ts';
export { type ViewOptions, view } from './view.ts';
export type { LeafValue, ScalarArray, TypeAt, ViewArray, ViewOf } from './view-types.ts';
