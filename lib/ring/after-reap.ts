let hook: (() => void) | undefined;

/**
 * What this thread does after each reap, also of an empty ring: an attached kernel releases what it kept alive for calls
 * that are over. undefined takes it away.
 */
export function setAfterReap(run: (() => void) | undefined): void {
  hook = run;
}

export function afterReap(): void {
  hook?.();
}
