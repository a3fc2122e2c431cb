import type { BigIntStats, Stats } from 'node:fs';
import { EIO } from '../errors.ts';
import { isGone, type WalkFailure, type WalkObserver } from './observer.ts';
import { toBytes } from './path-text.ts';
import { Tally, type Totals } from './totals.ts';

/** With a size that a number holds, or one that it does not. */
export type AnyStats = Stats | BigIntStats;

const HALF = 2 ** 32;
const LOW = 0xffff_ffffn;
const NOTHING = new Uint8Array(0);

/** What comes of each path of a walk by Node's fs. */
export class FsEntries {
  readonly #tally = new Tally();
  readonly #observer: WalkObserver;

  constructor(observer: WalkObserver) {
    this.#observer = observer;
  }

  /** Counts an entry; true for a directory. */
  found(path: string, stats: AnyStats): boolean {
    const isDirectory = this.#count(stats);
    this.#tell(path);
    return isDirectory;
  }

  /** The root, or a name without attributes: an entry all the same, unless it is gone. */
  withoutStat(path: string, isRoot: boolean, error: unknown): void {
    const errno = errnoOf(error);
    if (!isRoot && isGone(errno)) {
      this.#tally.vanished++;
      return;
    }
    if (!isRoot) {
      this.#tally.unknown++;
      this.#tell(path);
    }
    this.#fail({ path: toBytes(path), action: 'lstat', errno });
  }

  unreadable(path: string, error: unknown): void {
    const errno = errnoOf(error);
    if (isGone(errno)) this.#tally.vanished++;
    else this.#fail({ path: toBytes(path), action: 'open', errno });
  }

  totals(): Totals {
    return this.#tally.totals();
  }

  #count({ mode, size }: AnyStats): boolean {
    if (typeof size === 'number') {
      return this.#tally.count(Number(mode), size % HALF, Math.floor(size / HALF));
    }
    return this.#tally.count(Number(mode), Number(size & LOW), Number(size >> 32n));
  }

  #fail(failure: WalkFailure): void {
    this.#tally.failed++;
    this.#observer.failure?.(failure);
  }

  #tell(path: string): void {
    const { entry, progress } = this.#observer;
    progress?.(this.#tally.entries);
    if (entry === undefined) return;
    const bytes = toBytes(path);
    entry(NOTHING, bytes, 0, bytes.length);
  }
}

/** An error of fs carries its errno; anything else is a mistake of ours, and thrown. */
function errnoOf(error: unknown): number {
  const { errno = EIO, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) throw error;
  return errno;
}
