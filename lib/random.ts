/** Pseudo-random numbers of 32 bits, the same for the same seed: mulberry32. */
export type Random = () => number;

export function random(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** A seed that depends on all of `parts`. */
export function mixSeed(...parts: readonly (number | string)[]): number {
  let seed = 0x811c9dc5;
  for (const part of parts) {
    for (const char of `${part}|`) seed = Math.imul(seed ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return random(seed)();
}

/** Puts `values` in a random order. */
export function shuffle<T extends { [index: number]: V; readonly length: number }, V>(
  values: T,
  next: Random,
): T {
  for (let last = values.length - 1; last > 0; last--) {
    const other = next() % (last + 1);
    const value = values[last] as V;
    values[last] = values[other] as V;
    values[other] = value;
  }
  return values;
}
