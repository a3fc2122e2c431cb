import type { Named } from './paths.ts';

/** A directory that was found: from then on until it and what lies below it was opened. */
export class Directory implements Named {
  readonly parent: Directory | undefined;
  readonly name: Uint8Array;
  /** -1: not open, or closed again because descriptors are few. */
  fd = -1;
  /** What needs the descriptor: buffers, subdirectories that wait, and one until its last name. */
  uses = 1;
  /** Buffers that are read or looked at, and openings of subdirectories in flight. */
  busy = 0;
  /** Its last name was read. */
  ended = false;
  /** Which directory it is, from when its descriptor was closed early. */
  identity: string | undefined;

  constructor(parent: Directory | undefined, name: Uint8Array) {
    this.parent = parent;
    this.name = name;
  }

  /** Only waits for its subdirectories to be opened. */
  get parked(): boolean {
    return this.fd >= 0 && this.ended && this.busy === 0;
  }
}

/**
 * Memory for getdents64, and before that for the name that openat reads. It belongs to a directory
 * from the opening until the last call that points into it is over.
 */
export class DirectoryBuffer {
  readonly index: number;
  /** Where it begins in the walk's memory. */
  readonly start: number;
  directory: Directory | undefined;
  state: 'free' | 'opening' | 'reading' | 'ready' | 'submitted' = 'free';
  /** The next name to be looked at, and where the names end. */
  at = 0;
  end = 0;
  /** Calls in flight that point into it. */
  pending = 0;
  /** The directory's path and a slash, where somebody wants to know entries. */
  prefix: Uint8Array | undefined;

  constructor(index: number, start: number) {
    this.index = index;
    this.start = start;
  }
}
