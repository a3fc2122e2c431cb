/** Blocked this often in a row: the next call is sent to a waiting task at once. */
const SURE = 2;
const MOST = 3;
/** One of so many calls that are expected to block runs inline, to see whether it still does. */
const PROBE_EVERY = 64;
/** One of so many dispatches is observed: would it have blocked? */
const OBSERVE_EVERY = 8;

export type Prediction = 'inline' | 'probe' | 'dispatch' | 'observe';

/**
 * What is known of the calls that are made from one place, or of one system call on one
 * descriptor: have they blocked lately? Without any of its own, a call is judged by the number of
 * its system call and its descriptor.
 */
export class Site {
  /** 0 to 3; from 2 on the next call is expected to block. */
  confidence = 0;
  /** The non-blocking variant of the call does not exist for this descriptor. */
  noHint = false;
  #turns = 0;

  get expectsBlock(): boolean {
    return this.confidence >= SURE;
  }

  /** How the next call is to be made. */
  predict(): Prediction {
    if (this.confidence < SURE) return 'inline';
    this.#turns = (this.#turns + 1) % PROBE_EVERY;
    if (this.#turns === 0) return 'probe';
    return this.#turns % OBSERVE_EVERY === 0 ? 'observe' : 'dispatch';
  }

  sawBlock(): void {
    if (this.confidence < MOST) this.confidence++;
  }

  /** So many calls, one after the other, did not block. */
  sawReturn(count = 1): void {
    if (this.confidence > 0) this.confidence = Math.max(0, this.confidence - count);
  }
}

const PLACES = 1024;

/** Sites of calls that name none: by a hash of number and first argument, made at a first block. */
export class SiteTable {
  readonly #sites: (Site | undefined)[] = new Array(PLACES).fill(undefined);

  /** undefined: nothing here has blocked yet. Two that share a place mislead each other. */
  find(nr: number, argument: number): Site | undefined {
    return this.#sites[((nr << 5) ^ argument) & (PLACES - 1)];
  }

  make(nr: number, argument: number): Site {
    const at = ((nr << 5) ^ argument) & (PLACES - 1);
    const site = this.#sites[at] ?? new Site();
    this.#sites[at] = site;
    return site;
  }
}
