import { DetachedError, EMFILE, ENFILE } from '../errors.ts';
import type { Loop, LoopCounters } from '../loop/index.ts';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, NEWFSTATAT } from './call-numbers.ts';
import { Descriptors } from './descriptors.ts';
import type { Directory, DirectoryBuffer } from './directory.ts';
import { DirectoryCalls } from './directory-calls.ts';
import { Entries } from './entries.ts';
import { InFlight } from './in-flight.ts';
import { WalkMemory } from './memory.ts';
import type { WalkCalls, WalkObserver } from './observer.ts';
import { pathOf, terminated, withSlash } from './paths.ts';
import { newStat } from './stat.ts';
import { StatCalls } from './stat-calls.ts';
import type { Totals } from './totals.ts';

export interface SysletWalkOptions {
  /** How many directories may be open; default: a share of what RLIMIT_NOFILE leaves. */
  readonly descriptors?: number;
}

/**
 * A walk of a tree by the loop of this thread: calls that block go on beside the others. It does not
 * return to the event loop before all is done; other calls of the loop end meanwhile.
 */
export class SysletWalk {
  readonly #memory = new WalkMemory();
  readonly #loop: Loop;
  readonly #inFlight: InFlight;
  readonly #entries: Entries;
  readonly #stats: StatCalls;
  readonly #directories: DirectoryCalls;
  readonly #descriptors: Descriptors;
  readonly #free: DirectoryBuffer[];
  /** Buffers with names that were not yet looked at. */
  readonly #ready: DirectoryBuffer[] = [];
  /** Directories with more names, for which there was no buffer. */
  readonly #more: Directory[] = [];

  constructor(loop: Loop, observer: WalkObserver = {}, options: SysletWalkOptions = {}) {
    const memory = this.#memory;
    const inFlight = new InFlight(loop);
    const entries = new Entries(memory, observer);
    this.#loop = loop;
    this.#inFlight = inFlight;
    this.#entries = entries;
    this.#directories = new DirectoryCalls(loop, memory, inFlight, {
      opened: (buffer, result) => this.#opened(buffer, result),
      haveRead: (buffer, result) => this.#haveRead(buffer, result),
    });
    const close = (fd: number) => this.#directories.close(fd);
    this.#descriptors = new Descriptors(loop, close, options.descriptors);
    const drained = (buffer: DirectoryBuffer) => this.#release(buffer);
    this.#stats = new StatCalls({ loop, memory, entries, inFlight, drained });
    this.#free = [...memory.buffers];
  }

  /** Walks once. Paths are bytes: a name need not be text. */
  run(root: Uint8Array): { readonly totals: Totals; readonly calls: WalkCalls } {
    const before = this.#loop.counters();
    try {
      this.#look(root);
      this.#walk();
    } finally {
      this.#end();
    }
    const calls = difference(before, this.#loop.counters());
    return { totals: this.#entries.tally.totals(), calls };
  }

  /** At the root, which no directory names. */
  #look(root: Uint8Array): void {
    const stat = newStat();
    const path = terminated(root);
    const { waited } = this.#loop;
    const result = waited.make(NEWFSTATAT, AT_FDCWD, path, stat, AT_SYMLINK_NOFOLLOW);
    this.#entries.root(root, result < 0 ? result : stat);
  }

  #walk(): void {
    for (;;) {
      this.#inFlight.reap();
      this.#checkAttached();
      this.#inFlight.makeRoom();
      if (this.#submit() || this.#readMore() || this.#openNext()) continue;
      if (this.#inFlight.count === 0) return;
      this.#inFlight.wait();
    }
  }

  #checkAttached(): void {
    if (this.#loop.closed) throw new DetachedError('sys.detach() was called during the walk');
  }

  /** What a walk that threw left in flight is waited for: it writes to the walk's memory. */
  #end(): void {
    this.#inFlight.end();
    this.#descriptors.closeAll();
    this.#inFlight.end();
    this.#stats.release();
  }

  /** Looks at all names of one buffer. */
  #submit(): boolean {
    const buffer = this.#ready.pop();
    if (buffer === undefined) return false;
    const directory = buffer.directory as Directory;
    while (buffer.at < buffer.end) {
      this.#stats.submit(buffer, directory.fd);
      this.#inFlight.reap();
      this.#entries.progress();
      this.#checkAttached();
    }
    if (buffer.pending === 0) this.#read(buffer);
    else this.#leave(buffer, directory);
    return true;
  }

  /** Its names are in use by calls in flight: the directory goes on with another buffer. */
  #leave(buffer: DirectoryBuffer, directory: Directory): void {
    buffer.state = 'submitted';
    this.#more.push(directory);
  }

  #readMore(): boolean {
    const buffer = this.#more.length > 0 ? this.#free.pop() : undefined;
    if (buffer === undefined) return false;
    this.#take(buffer, this.#more.pop() as Directory);
    this.#read(buffer);
    return true;
  }

  #openNext(): boolean {
    const directory = this.#entries.queue.at(-1);
    if (directory === undefined || this.#free.length === 0) return false;
    const room = this.#descriptors.room(directory.parent);
    if (!room && this.#inFlight.count > 0) return false;
    this.#entries.queue.pop();
    const buffer = this.#free.pop() as DirectoryBuffer;
    this.#take(buffer, directory);
    this.#open(buffer, directory);
    return true;
  }

  #take(buffer: DirectoryBuffer, directory: Directory): void {
    buffer.directory = directory;
    buffer.at = 0;
    buffer.end = 0;
    directory.busy++;
    directory.uses++;
    if (!this.#entries.sumsOnly) buffer.prefix = withSlash(pathOf(directory));
  }

  #release(buffer: DirectoryBuffer): void {
    const directory = buffer.directory as Directory;
    buffer.state = 'free';
    buffer.directory = undefined;
    buffer.prefix = undefined;
    directory.busy--;
    this.#free.push(buffer);
    this.#descriptors.unused(directory);
  }

  #open(buffer: DirectoryBuffer, directory: Directory): void {
    const { parent } = directory;
    buffer.state = 'opening';
    if (parent !== undefined) parent.busy++;
    const fd = this.#descriptors.of(parent);
    const result = fd < 0 && parent ? fd : this.#directories.open(buffer, fd, directory);
    if (result !== undefined) this.#opened(buffer, result);
  }

  #opened(buffer: DirectoryBuffer, result: number): void {
    const directory = buffer.directory as Directory;
    const { parent } = directory;
    if (parent !== undefined) parent.busy--;
    if (this.#isShortOfDescriptors(result, parent)) this.#openLater(buffer, directory);
    else this.#openedOnce(buffer, directory, result);
  }

  #openedOnce(buffer: DirectoryBuffer, directory: Directory, result: number): void {
    if (result >= 0) this.#descriptors.opened(directory, result);
    else this.#entries.unreadable(directory, 'open', result);
    if (directory.parent !== undefined) this.#descriptors.unused(directory.parent);
    if (result >= 0) this.#read(buffer);
    else this.#release(buffer);
  }

  /** Is it worth another try, because one could be closed or because calls in flight will close? */
  #isShortOfDescriptors(result: number, parent: Directory | undefined): boolean {
    if (result !== EMFILE && result !== ENFILE) return false;
    return this.#descriptors.pressed(parent) || this.#inFlight.count > 0;
  }

  #openLater(buffer: DirectoryBuffer, directory: Directory): void {
    this.#release(buffer);
    this.#entries.queue.push(directory);
  }

  #read(buffer: DirectoryBuffer): void {
    buffer.state = 'reading';
    const result = this.#directories.read(buffer, (buffer.directory as Directory).fd);
    if (result !== undefined) this.#haveRead(buffer, result);
  }

  #haveRead(buffer: DirectoryBuffer, result: number): void {
    if (result > 0) this.#haveNames(buffer, result);
    else this.#endOfNames(buffer, result);
  }

  #haveNames(buffer: DirectoryBuffer, bytes: number): void {
    buffer.state = 'ready';
    buffer.at = buffer.start;
    buffer.end = buffer.start + bytes;
    this.#ready.push(buffer);
  }

  #endOfNames(buffer: DirectoryBuffer, result: number): void {
    const directory = buffer.directory as Directory;
    if (result < 0) this.#entries.unreadable(directory, 'read', result);
    directory.ended = true;
    this.#descriptors.unused(directory);
    this.#release(buffer);
  }
}

function difference(before: LoopCounters, after: LoopCounters): WalkCalls {
  return {
    inline: after.inlineHits - before.inlineHits,
    handOffs: after.handOffs - before.handOffs,
    dispatches: after.dispatches - before.dispatches,
  };
}
