/**
 * A history as numbers, call by call, threads one after another. Stamps count calls that have
 * returned: `begin[i]` how many had when call i began, `end[i]` how many before it did itself. So
 * a precedes b where `end[a] < begin[b]`. How a history was made does not matter here.
 */
export interface History {
  readonly begin: Int32Array;
  /** NEVER for a call that has not returned. */
  readonly end: Int32Array;
  /** Codes of results; PENDING for a call that has not returned. */
  readonly result: Int32Array;
}

export const NEVER = 0x7fff_ffff;

export function newHistory(calls: number): History {
  return {
    begin: new Int32Array(calls),
    end: new Int32Array(calls),
    result: new Int32Array(calls),
  };
}
