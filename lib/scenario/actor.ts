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

/**
 * Submits a syslet that ends by itself: its completion is stored by a task of the kernel side, by
 * syslet_post_indirect, into the ring that the named field holds.
 */
export interface CompleterActor {
  readonly kind: 'completer';
  /** Name of a `sharedBuffer` that `setup` made a ring of. */
  readonly ring: string;
  readonly callerData: number;
}

/** Submits a syslet that blocks: a read of an empty pipe, until a signaller writes. */
export interface BlockerActor {
  readonly kind: 'blocker';
  readonly ring: string;
  readonly callerData: number;
}

/** Ends what a blocker of the same ring submitted for this sample. */
export interface SignallerActor {
  readonly kind: 'signaller';
  readonly ring: string;
}

export type NativeActor = CFunctionActor | CompleterActor | BlockerActor | SignallerActor;
export type Actor<S, R, L> = ActorFunction<S, R, L> | NativeActor;

export function cFunction(library: string | URL, symbol: string): CFunctionActor {
  return Object.freeze({ kind: 'c-function', library: String(library), symbol });
}

export function completer(ring: string, callerData = 0): CompleterActor {
  return Object.freeze({ kind: 'completer', ring, callerData });
}

export function blocker(ring: string, callerData = 0): BlockerActor {
  return Object.freeze({ kind: 'blocker', ring, callerData });
}

export function signaller(ring: string): SignallerActor {
  return Object.freeze({ kind: 'signaller', ring });
}
