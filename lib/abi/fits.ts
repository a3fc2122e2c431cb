/**
 * Tables of zeros whose length is all that matters: `table[v] === undefined` says that v is no
 * integer from 0 to length - 1. V8 compiles that into one comparison, which leaves compiled code
 * where it fails, and not into a branch to a call. For a branch out of an inlined setter it would
 * not peel the loop around it, and every constant of the loop would be loaded again each time.
 */

/** Wider values are compared in words and looked up as 0 or 1, in the table of width 0. */
export const widestTable = 16;

const tables: Uint8Array[] = [];

/** The table that has an element for each value of `width` bits. */
export function tableOf(width: number): Uint8Array {
  tables[width] ??= new Uint8Array(zeros(), 0, 2 ** width);
  return tables[width];
}

let memory: ArrayBuffer | undefined;

function zeros(): ArrayBuffer {
  memory ??= new ArrayBuffer(2 ** widestTable);
  return memory;
}
