import type { Kernel } from '../kernel/index.ts';
import { Blocks } from './blocks.ts';
import { CallCounts } from './counts.ts';
import { Descriptors } from './descriptors.ts';
import type { Directory, DirectoryBuffer } from './directory.ts';
import { DirectoryCalls, FIRST_BUFFER, NOBODY } from './directory-calls.ts';
import { Entries } from './entries.ts';
import { InFlight } from './in-flight.ts';
import { WalkMemory } from './memory.ts';
import type { WalkCalls, WalkObserver } from './observer.ts';
import { rootStat } from './one-call.ts';
import { pathOf, withSlash } from './paths.ts';
import { STAT_BLOCKS, StatCalls } from './stat-calls.ts';
import type { Totals } from './totals.ts';

const EMFILE = -24;
const ENFILE = -23;
/** Slots that a kernel needs for a walk: those of its blocks, and one for calls in between. */
export const WALK_SLOTS = STAT_BLOCKS + 2;

export interface SysletWalkOptions {
  /** How many directories may be open; default: a share of what RLIMIT_NOFILE leaves. */
  readonly descriptors?: number;
}

/** Keeps memory that calls in flight write to, also when nobody waits for the walk any more. */
const walking = new Set<SysletWalk>();

/**
 * A walk of a tree in which every call goes through sys_indirect: those that block go on beside
 * the others. The thread's own loop is the walk: it returns when all is done.
 */
export class SysletWalk {
  readonly #memory = new WalkMemory();
  readonly #counts = new CallCounts();
  readonly #inFlight = new InFlight((callerData, status) => this.#completed(callerData, status));
  readonly #kernel: Kernel;
  readonly #entries: Entries;
  readonly #blocks: Blocks;
  readonly #stats: StatCalls;
  readonly #directories: DirectoryCalls;
  readonly #descriptors: Descriptors;
  readonly #free: DirectoryBuffer[];
  /** Buffers with names that were not yet looked at. */
  readonly #ready: DirectoryBuffer[] = [];
  /** Directories with more names, for which there was no buffer. */
  readonly #more: Directory[] = [];

  constructor(kernel: Kernel, observer: WalkObserver = {}, options: SysletWalkOptions = {}) {
    this.#kernel = kernel;
    this.#entries = new Entries(this.#memory, observer);
    this.#blocks = new Blocks(kernel, this.#inFlight.ring, STAT_BLOCKS + 1);
    const { stats, directories } = this.#calls();
    this.#stats = stats;
    this.#directories = directories;
    const close = (fd: number) => directories.close(fd);
    this.#descriptors = new Descriptors(kernel, close, options.descriptors);
    this.#free = [...this.#memory.buffers];
  }

  /** Walks once. Paths are bytes: a name need not be text. */
  run(root: Uint8Array): { readonly totals: Totals; readonly calls: WalkCalls } {
    walking.add(this);
    try {
      this.#entries.root(root, rootStat(this.#kernel, root));
      this.#walk();
    } finally {
      this.#end();
    }
    return { totals: this.#entries.tally.totals(), calls: { ...this.#counts } };
  }

  #calls() {
    const memory = this.#memory;
    const blocks = this.#blocks;
    const inFlight = this.#inFlight;
    const counts = this.#counts;
    const drained = (buffer: DirectoryBuffer) => this.#release(buffer);
    return {
      stats: new StatCalls({ memory, blocks, inFlight, counts, entries: this.#entries, drained }),
      directories: new DirectoryCalls({ memory, blocks, inFlight, counts, block: STAT_BLOCKS }),
    };
  }

  #walk(): void {
    for (;;) {
      this.#inFlight.reap();
      if (this.#submit() || this.#readMore() || this.#openNext()) continue;
      if (this.#inFlight.count === 0) return;
      this.#inFlight.wait();
    }
  }

  /** What a walk that threw left in flight is waited for: it writes to the walk's memory. */
  #end(): void {
    this.#inFlight.drain((callerData, status) => this.#drop(callerData, status));
    this.#descriptors.closeAll();
    this.#inFlight.drain((callerData, status) => this.#drop(callerData, status));
    this.#blocks.release();
    walking.delete(this);
  }

  #completed(callerData: number, status: number): void {
    if (callerData < FIRST_BUFFER) this.#stats.completed(callerData, status);
    else if (callerData !== NOBODY) this.#proceed(this.#bufferOf(callerData), status);
  }

  #drop(callerData: number, status: number): void {
    if (callerData < FIRST_BUFFER || callerData === NOBODY) return;
    if (this.#bufferOf(callerData).state === 'opening' && status >= 0) {
      this.#directories.close(status);
    }
  }

  #bufferOf(callerData: number): DirectoryBuffer {
    return this.#memory.buffers[callerData - FIRST_BUFFER] as DirectoryBuffer;
  }

  #proceed(buffer: DirectoryBuffer, status: number): void {
    if (buffer.state === 'opening') this.#opened(buffer, status);
    else this.#haveRead(buffer, status);
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
