import type { Watcher } from '../binding.ts';
import { checkChoice, checkInteger, expected } from '../check.ts';
import { CompletionRing } from '../ring/index.ts';
import type { Frame } from './frame.ts';

export type Overflow = 'reserve' | 'block' | 'v7';

export interface KernelOptions {
  /** Who notices that a call blocks; default: `auto`, perf where it may, else the sampler. */
  readonly watcher?: Watcher | 'auto';
  /** The policy of v7 with its defects (docs/defects.md). */
  readonly compat?: 'v7';
  /** A full ring: `reserve` refuses the call (EAGAIN), `block` waits, `v7` overwrites. */
  readonly overflow?: Overflow;
  /** Submission blocks, 128 bytes each. */
  readonly slots?: number;
  /** Default ring of calls: one of yours, or how many elements. */
  readonly ring?: CompletionRing | number;
}

/** What newCall can set at once; each can be changed later. */
export interface CallOptions {
  readonly ring?: CompletionRing;
  readonly frame?: Frame;
}

const DEFAULT_SLOTS = 64;
const MAX_SLOTS = 65_536;
const DEFAULT_ELEMENTS = 256;

/** Throws unless there can be so many submission blocks. */
export function checkSlots(slots: number = DEFAULT_SLOTS): number {
  return checkInteger('slots', slots, 1, MAX_SLOTS);
}

export function checkSettings({ watcher = 'auto', compat, overflow }: KernelOptions) {
  const whole = compat === undefined ? 'reserve' : 'v7';
  if (compat !== undefined) checkChoice('compat', compat, ['v7']);
  return {
    watcher: checkChoice('watcher', watcher, ['auto', 'perf', 'sampler', 'spin']),
    policy: compat ?? 'default',
    overflow: checkChoice('overflow', overflow ?? whole, ['reserve', 'block', 'v7']),
  } as const;
}

export function ringFor(ring: CompletionRing | number = DEFAULT_ELEMENTS): CompletionRing {
  if (typeof ring === 'number') return CompletionRing.create(ring);
  if (ring instanceof CompletionRing) return ring;
  throw new TypeError(expected('ring', ring, 'a CompletionRing or a number of elements'));
}
