import { syslet_ring, view, x86_64 } from '../../lib/abi/index.ts';
import type { CompletionRing } from '../../lib/ring/index.ts';

/** Plays the kernel side on one thread: the completion first, then the index. */
export function complete(ring: CompletionRing, status: bigint, callerData: bigint): void {
  const shared = ringView(ring);
  const slot = shared.comp[shared.kernel_head % ring.elements];
  if (slot === undefined) throw new Error('no such slot');
  slot.status = BigInt.asUintN(64, status);
  slot.caller_data = callerData;
  shared.kernel_head = (shared.kernel_head + 1) >>> 0;
}

/** The ring as its C struct. */
export function ringView(ring: CompletionRing) {
  return view(syslet_ring, x86_64, ring.buffer, ring.byteOffset, { byteLength: ring.byteLength });
}

/** Moves both indexes of an empty ring. */
export function setIndexes(ring: CompletionRing, index: number): void {
  const shared = ringView(ring);
  shared.kernel_head = index;
  shared.user_tail = index;
}

/** What reap delivers. */
export function reaped(ring: CompletionRing, limit?: number): [number, number][] {
  const found: [number, number][] = [];
  ring.reap((status, callerData) => found.push([status, callerData]), limit);
  return found;
}
