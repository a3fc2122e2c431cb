import type { WalkCalls } from './observer.ts';

/** How calls were made, while the walk goes on. */
export class CallCounts implements WalkCalls {
  inline = 0;
  handOffs = 0;
  dispatches = 0;
}
