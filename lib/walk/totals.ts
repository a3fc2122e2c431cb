import { constants } from 'node:fs';

/** What a walk adds up. */
export interface Totals {
  /** As many as `find` prints lines: the root and everything below it. */
  readonly entries: number;
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly others: number;
  /** Sum of st_size of all entries; directories and symlinks have a size too. */
  readonly bytes: bigint;
  /** Entries without attributes, and directories that could not be read: each was reported. */
  readonly failed: number;
  /** Names that were gone when they were looked at; not among the entries. */
  readonly vanished: number;
}

/** Below it the sum of lower halves is exact, also after one batch more. */
const CARRY = 2 ** 48;

/** Adds up. Sizes are summed as two halves: a sum of sizes may be larger than 2^53. */
export class Tally {
  files = 0;
  directories = 0;
  symlinks = 0;
  others = 0;
  failed = 0;
  vanished = 0;
  /** Entries that have a name, but whose attributes could not be read. */
  unknown = 0;
  #low = 0;
  #high = 0n;

  get entries(): number {
    return this.files + this.directories + this.symlinks + this.others + this.unknown;
  }

  /** Counts one entry; true for a directory. */
  count(mode: number, sizeLow: number, sizeHigh: number): boolean {
    this.addBytes(sizeLow >>> 0, sizeHigh);
    switch (mode & constants.S_IFMT) {
      case constants.S_IFDIR:
        this.directories++;
        return true;
      case constants.S_IFREG:
        this.files++;
        return false;
      case constants.S_IFLNK:
        this.symlinks++;
        return false;
      default:
        this.others++;
        return false;
    }
  }

  /** Sums of lower halves, unsigned, and of upper halves. */
  addBytes(low: number, high: number): void {
    this.#low += low;
    if (high !== 0 || this.#low >= CARRY) this.#carry(high);
  }

  totals(): Totals {
    this.#carry(0);
    const { entries, files, directories, symlinks, others, failed, vanished } = this;
    const bytes = this.#high;
    return { entries, files, directories, symlinks, others, bytes, failed, vanished };
  }

  #carry(high: number): void {
    this.#high += BigInt(this.#low) + (BigInt(high) << 32n);
    this.#low = 0;
  }
}

export function sameTotals(one: Totals, other: Totals): boolean {
  return (Object.keys(one) as (keyof Totals)[]).every((key) => one[key] === other[key]);
}
