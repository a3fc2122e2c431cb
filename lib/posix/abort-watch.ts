/** Who is to be told of a signal's abort: one listener for all, since there may be thousands. */
const watched = new WeakMap<AbortSignal, Set<() => void>>();

export function watchAbort(signal: AbortSignal, tell: () => void): void {
  const known = watched.get(signal);
  if (known !== undefined) {
    known.add(tell);
    return;
  }
  watched.set(signal, new Set([tell]));
  signal.addEventListener('abort', onAbort, { once: true });
}

export function unwatchAbort(signal: AbortSignal, tell: () => void): void {
  const known = watched.get(signal);
  if (known === undefined || !known.delete(tell) || known.size > 0) return;
  watched.delete(signal);
  signal.removeEventListener('abort', onAbort);
}

function onAbort(event: Event): void {
  const signal = event.target as AbortSignal;
  const all = watched.get(signal) ?? [];
  watched.delete(signal);
  for (const tell of [...all]) tell();
}
