import { native } from '../native.ts';
import type { CompletionRing } from '../ring/index.ts';

/** What the addon gives for one ring of this thread: an eventfd that libuv polls. */
export interface EventSide {
  /** The next completion calls back, once. false: there are some already, and nothing is armed. */
  arm(): boolean;
  /** Does it keep the event loop, and so the process, alive? */
  ref(on: boolean): void;
  close(): void;
}

/** Completions of `ring` call onReady from the event loop, once armed. Starts without a ref. */
export function eventSide(ring: CompletionRing, onReady: () => void): EventSide {
  const binding = native();
  binding.pollRing(ring.address, onReady);
  return { arm: binding.pollArm, ref: binding.pollRef, close: binding.pollClose };
}
