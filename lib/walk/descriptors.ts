import { readdirSync } from 'node:fs';
import { ESTALE } from '../errors.ts';
import type { Loop } from '../loop/index.ts';
import { openFilesLimit } from '../open-files.ts';
import { AT_FDCWD, FSTAT, OPENAT, REOPEN_FLAGS } from './call-numbers.ts';
import type { Directory } from './directory.ts';
import { joined, terminated } from './paths.ts';
import { identityOf, newStat } from './stat.ts';

/** More directories than these are not kept open at once, whatever the limit. */
const MOST = 512;
const LEAST = 2;
/** Of the descriptors that are left to the process, one of so many is for directories. */
const SHARE = 4;
/** Steps of a path that are opened in one call; and its bytes, below PATH_MAX. */
const STEPS = 16;
const PATH_BYTES = 3500;

/**
 * The open directories of a walk. A parent stays open until its last subdirectory was opened;
 * where descriptors are few it is closed before, and opened again when it is needed.
 */
export class Descriptors {
  /** How many may be open. */
  most: number;
  readonly #loop: Loop;
  readonly #close: (fd: number) => void;
  readonly #open = new Set<Directory>();

  constructor(loop: Loop, close: (fd: number) => void, most: number = descriptorShare()) {
    this.#loop = loop;
    this.#close = close;
    this.most = most;
  }

  /** Can a subdirectory be opened now? Closes another one if need be, but not its parent. */
  room(parent: Directory | undefined): boolean {
    return this.#open.size < this.most || this.#evict(parent);
  }

  /** The process has none left, though fewer than `most` are open: true if one was closed. */
  pressed(parent: Directory | undefined): boolean {
    this.most = Math.max(LEAST, this.#open.size - 1);
    return this.#evict(parent);
  }

  opened(directory: Directory, fd: number): void {
    directory.fd = fd;
    this.#open.add(directory);
  }

  /** One use of a directory is over; the last one closes it. */
  unused(directory: Directory): void {
    directory.uses--;
    if (directory.uses === 0 && directory.fd >= 0) this.#shut(directory);
  }

  /** The descriptor of a subdirectory's parent, opened again if it was closed early; or -errno. */
  of(directory: Directory | undefined): number {
    if (directory === undefined) return AT_FDCWD;
    return directory.fd >= 0 ? directory.fd : this.#reopen(directory);
  }

  closeAll(): void {
    for (const directory of this.#open) this.#shut(directory);
  }

  #shut(directory: Directory): void {
    this.#open.delete(directory);
    this.#close(directory.fd);
    directory.fd = -1;
  }

  /** Closes the one that was opened first: the walk comes back to it last. */
  #evict(parent: Directory | undefined): boolean {
    for (const directory of this.#open) {
      if (!directory.parked || directory === parent) continue;
      const identity = this.#identity(directory.fd);
      if (typeof identity === 'number') continue;
      directory.identity = identity;
      this.#shut(directory);
      return true;
    }
    return false;
  }

  /** Goes down from the nearest directory above that is open, a few steps at a time; or -errno. */
  #reopen(directory: Directory): number {
    const closed: Directory[] = [];
    let from: Directory | undefined = directory;
    for (; from !== undefined && from.fd < 0; from = from.parent) closed.push(from);
    let fd = from === undefined ? AT_FDCWD : from.fd;
    let borrowed = true;
    while (closed.length > 0) {
      const steps = takeSteps(closed);
      const last = steps.at(-1) as Directory;
      const next = this.#openSteps(fd, steps);
      if (!borrowed) this.#close(fd);
      if (next < 0) return next;
      borrowed = last.uses > 0;
      if (borrowed) this.#keep(last, next);
      fd = next;
    }
    return fd;
  }

  /** A directory on the way that is needed again soon, since the walk comes back upwards. */
  #keep(directory: Directory, fd: number): void {
    this.room(directory);
    this.opened(directory, fd);
  }

  /** Opens the last of the steps, if it is still the directory that it was; or -errno. */
  #openSteps(fd: number, steps: readonly Directory[]): number {
    const path = terminated(joined(steps.map(({ name }) => name)));
    const { identity } = steps.at(-1) as Directory;
    const next = this.#loop.waited.make(OPENAT, fd, path, REOPEN_FLAGS);
    if (next < 0 || identity === undefined) return next;
    const found = this.#identity(next);
    if (found === identity) return next;
    this.#close(next);
    return typeof found === 'number' ? found : ESTALE;
  }

  /** Or -errno. */
  #identity(fd: number): string | number {
    const stat = newStat();
    const result = this.#loop.waited.make(FSTAT, fd, stat);
    return result < 0 ? result : identityOf(stat);
  }
}

/** The next steps down, from the end of the list. */
function takeSteps(closed: Directory[]): Directory[] {
  const steps: Directory[] = [];
  let bytes = 0;
  for (let next = closed.at(-1); next !== undefined; next = closed.at(-1)) {
    bytes += next.name.length + 1;
    if (steps.length > 0 && (steps.length === STEPS || bytes > PATH_BYTES)) break;
    steps.push(next);
    closed.pop();
  }
  return steps;
}

/** Threads of calls that block, and the rest of the program, need descriptors too. */
function descriptorShare(): number {
  const left = openFilesLimit() - readdirSync('/proc/self/fd').length;
  return Math.min(MOST, Math.max(LEAST, Math.floor(left / SHARE)));
}
