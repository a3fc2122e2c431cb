import { native } from '../native.ts';

/** Calls of this thread's for which the addon keeps something alive. */
let pinned = 0;

/** To be called when a call was just handed over or dispatched: what it uses stays alive until it is over. */
export function pin(objects: readonly object[]): void {
  pinned += native().pin(objects);
}

/** The addon has let go of all, since this thread was detached. */
export function unpinnedAll(): void {
  pinned = 0;
}

/** A task lets go just after its completion: until then, reaps ask again, also of an empty ring. */
export function afterReap(): void {
  if (pinned > 0) pinned -= native().unpin();
}
