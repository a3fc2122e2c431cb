/**
 * What one thread does with one sample. It runs once for each, at the same time as the other
 * actors. `local` is what `open` made of this state in this thread. An async function is awaited.
 */
export type ActorFunction<S, R, L> = (state: S, result: R, local: L) => void | Promise<void>;

/** `void symbol(void *state, void *const result[])` of a shared object, on a thread of its own. */
export interface CFunctionActor {
  readonly kind: 'c-function';
  /** Path or file URL of the shared object. */
  readonly library: string;
  readonly symbol: string;
}

/** What actors that make syslets have in common. */
export interface SysletActorOptions {
  /** Name of a `sharedBuffer` field in which `setup` made a completion ring. */
  readonly ring: string;
  readonly callerData?: number;
  /**
   * Register for what the submission gave: 0 if the completion comes into the ring later, 1 if the
   * call ended at once and gives none, a negative errno if it was refused.
   */
  readonly register?: string;
  /** What becomes of a completion that finds the ring full. */
  readonly overflow?: 'reserve' | 'block' | 'v7';
}

/**
 * Submits a syslet that ends by itself: its completion is stored by a task of the kernel side, by
 * syslet_post_indirect, while the actors go on.
 */
export interface CompleterActor extends SysletActorOptions {
  readonly kind: 'completer';
}

/** Submits a syslet that blocks, a read of an empty pipe, until a signaller writes. */
export interface BlockerActor extends SysletActorOptions {
  readonly kind: 'blocker';
}

/**
 * Writes one byte for the blockers of a ring: when all actors are done with a stride, each of its
 * blocked calls has been given one, and its completion comes.
 */
export interface SignallerActor {
  readonly kind: 'signaller';
  readonly ring: string;
}

/** Stands for operations of a structure: lib/linearizability makes programs of them. */
export interface OperationsActor {
  readonly kind: 'operations';
}

export type SysletActor = CompleterActor | BlockerActor | SignallerActor;
export type NativeActor = CFunctionActor | SysletActor | OperationsActor;
export type Actor<S, R, L> = ActorFunction<S, R, L> | NativeActor;

/** `library` is the path or file URL of a shared object. */
export function cFunction(library: string | URL, symbol: string): CFunctionActor {
  return Object.freeze({ kind: 'c-function', library: String(library), symbol });
}

export function completer(options: SysletActorOptions): CompleterActor {
  return Object.freeze({ kind: 'completer', ...options });
}

export function blocker(options: SysletActorOptions): BlockerActor {
  return Object.freeze({ kind: 'blocker', ...options });
}

export function signaller(options: { readonly ring: string }): SignallerActor {
  return Object.freeze({ kind: 'signaller', ...options });
}
