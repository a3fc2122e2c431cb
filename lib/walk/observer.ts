import { ELOOP, ENOENT, ENOTDIR } from '../errors.ts';
/** An entry or directory that could not be looked at. */
export interface WalkFailure {
  /** As it would be printed, raw bytes. */
  readonly path: Uint8Array;
  /** `lstat`, `open` or `read`: what was tried. */
  readonly action: 'lstat' | 'open' | 'read';
  /** Negative, as Linux returns it. */
  readonly errno: number;
}

/** Who is told of a walk. What a function throws ends the walk. */
export interface WalkObserver {
  /**
   * An entry was counted. Its path is `prefix` (which ends in a slash, or is empty for the root)
   * and the bytes of `memory` from `start` to `end`; all valid during the call only.
   */
  readonly entry?: (prefix: Uint8Array, memory: Uint8Array, start: number, end: number) => void;
  readonly failure?: (failure: WalkFailure) => void;
  /** Now and then; always after the same work as the last time, however long it took. */
  readonly progress?: (entries: number) => void;
}

/** How the calls of a walk were made. */
export interface WalkCalls {
  /** Ran on the walking thread and did not block. */
  readonly inline: number;
  /** Blocked, and JavaScript went on on another thread. */
  readonly handOffs: number;
  /** Were given to a waiting thread from the start. */
  readonly dispatches: number;
}

/** Names that are gone, or are something else now: no failure, the tree changes. */
export function isGone(errno: number): boolean {
  return errno === ENOENT || errno === ENOTDIR || errno === ELOOP;
}
