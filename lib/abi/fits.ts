/**
 * Arrays of zeros whose length is all that matters: `zeros[v] === undefined` says that v is no
 * integer from 0 to length - 1. V8 compiles that into one comparison, which leaves compiled code
 * where it fails, and not into a branch to a call. For a branch out of an inlined setter it would
 * not peel the loop around it, and every constant of the loop would be loaded again each time.
 */

/** Wider values are compared in words and looked up as 0 or 1, in the table of width 0. */
export const widestTable = 16;
export const mostZeros = 2 ** widestTable;

let memory: ArrayBuffer | undefined;

/** At most `mostZeros` of them. */
export function zeros(count: number): Uint8Array {
  memory ??= new ArrayBuffer(mostZeros);
  return new Uint8Array(memory, 0, count);
}

const tables: Uint8Array[] = [];

/** The table that has an element for each value of `width` bits. */
export function tableOf(width: number): Uint8Array {
  tables[width] ??= zeros(2 ** width);
  return tables[width];
}
