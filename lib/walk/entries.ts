import { Directory, type DirectoryBuffer } from './directory.ts';
import { nameEnd } from './dirent.ts';
import type { WalkMemory } from './memory.ts';
import { isGone, type WalkFailure, type WalkObserver } from './observer.ts';
import { joined, pathOf } from './paths.ts';
import { MODE, SIZE } from './stat.ts';
import { Tally } from './totals.ts';

const NOTHING = new Uint8Array(0);

/** What comes of each name: it is counted, told, and a directory waits to be opened. */
export class Entries {
  readonly tally = new Tally();
  /** Directories that were found and not yet opened, the last one first. */
  readonly queue: Directory[] = [];
  readonly observer: WalkObserver;
  readonly #memory: WalkMemory;

  constructor(memory: WalkMemory, observer: WalkObserver) {
    this.#memory = memory;
    this.observer = observer;
  }

  /** Only sums are wanted of a file: no name is needed. */
  get sumsOnly(): boolean {
    return this.observer.entry === undefined;
  }

  /** The struct stat of a name was filled, or why not. `stat` is an index of the memory's words. */
  settle(buffer: DirectoryBuffer, name: number, stat: number, result: number): void {
    if (result < 0) {
      this.#withoutStat(buffer, name, result);
      return;
    }
    const isDirectory = this.#count(this.#memory.words, stat);
    this.#tell(buffer, name);
    if (isDirectory) this.#found(buffer, name);
  }

  /** The root, which no directory names: its struct stat, or -errno. */
  root(path: Uint8Array, stat: Int32Array | number): void {
    if (typeof stat === 'number') {
      this.fail({ path, action: 'lstat', errno: stat });
      return;
    }
    const isDirectory = this.#count(stat, 0);
    this.observer.entry?.(NOTHING, path, 0, path.length);
    if (isDirectory) this.queue.push(new Directory(undefined, path));
  }

  /** Says how far the walk is. */
  progress(): void {
    this.observer.progress?.(this.tally.entries);
  }

  /** A directory could not be opened or read; one that is gone is no failure. */
  unreadable(directory: Directory, action: 'open' | 'read', errno: number): void {
    if (isGone(errno)) this.tally.vanished++;
    else this.fail({ path: pathOf(directory), action, errno });
  }

  fail(failure: WalkFailure): void {
    this.tally.failed++;
    this.observer.failure?.(failure);
  }

  /** A name without attributes is an entry all the same, as find prints it; one that is gone none. */
  #withoutStat(buffer: DirectoryBuffer, name: number, errno: number): void {
    if (isGone(errno)) {
      this.tally.vanished++;
      return;
    }
    this.tally.unknown++;
    this.#tell(buffer, name);
    const names = [pathOf(buffer.directory), this.#nameAt(name)];
    this.fail({ path: joined(names), action: 'lstat', errno });
  }

  /** Counts by the struct stat at words[at]; true for a directory. */
  #count(words: Int32Array, at: number): boolean {
    const mode = words[at + MODE] as number;
    return this.tally.count(mode, words[at + SIZE] as number, words[at + SIZE + 1] as number);
  }

  #tell(buffer: DirectoryBuffer, name: number): void {
    const { entry } = this.observer;
    if (entry === undefined) return;
    const { bytes } = this.#memory;
    entry(buffer.prefix ?? NOTHING, bytes, name, nameEnd(bytes, name));
  }

  #found({ directory }: DirectoryBuffer, name: number): void {
    if (directory !== undefined) directory.uses++;
    this.queue.push(new Directory(directory, this.#nameAt(name)));
  }

  #nameAt(name: number): Uint8Array {
    const { bytes } = this.#memory;
    return bytes.slice(name, nameEnd(bytes, name));
  }
}
