import { type History, NEVER } from '../../linearizability/history.ts';

/**
 * Renumbers the stamps of a history so that two histories with one order of calls have the same: an
 * end counts only against the beginnings behind it. `end` becomes at most 255.
 */
export function canonical({ begin, end }: History): void {
  let begins = 0;
  for (let call = 0; call < begin.length; call++) begins |= 1 << (begin[call] as number);
  for (let call = 0; call < begin.length; call++) {
    const stamp = end[call] as number;
    // bits up to and with `stamp`; a shift by 32 would be one by 0
    end[call] = stamp === NEVER ? UNENDED : ones(begins & (2 ** (stamp + 1) - 1));
    begin[call] = ones(begins & ((1 << (begin[call] as number)) - 1));
  }
  // a precedes b still where end[a] < begin[b]: `end` was rank + 1, so it is one too high
  for (let call = 0; call < begin.length; call++) {
    if (end[call] !== UNENDED) end[call] = (end[call] as number) - 1;
  }
}

/** As NEVER, and within a byte. */
export const UNENDED = 255;

function ones(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
