import { bareType } from '../abi/access.ts';
import { byteCount } from '../abi/byte-count.ts';
import { layout, type Target, type Type } from '../abi/index.ts';
import { leavesOf } from './leaves.ts';

/** Size, and each value's path, form and place, as lines to compare. */
export function factsOf(type: Type, target: Target): string[] {
  const { size } = layout(type, target);
  const bare = bareType(type, target);
  if (bare.kind !== 'struct' && bare.kind !== 'union') return [`${byteCount(size)}, ${bare.kind}`];
  const leaves = leavesOf(bare, target).map(({ path, access, isPointer }) => {
    const bits = access.bits ? `:${access.bits.at}:${access.bits.width}` : '';
    const kind = isPointer ? 'pointer' : access.form;
    return `${path}: ${kind} ${access.size} at ${access.offset}${bits}`;
  });
  return [byteCount(size), ...leaves];
}
