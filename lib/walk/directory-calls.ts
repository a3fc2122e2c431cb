import { closeSync } from 'node:fs';
import { type Loop, Site, type Slot } from '../loop/index.ts';
import { CLOSE, GETDENTS64, OPEN_FLAGS, OPENAT } from './call-numbers.ts';
import type { Directory, DirectoryBuffer } from './directory.ts';
import type { InFlight } from './in-flight.ts';
import { BUFFER_BYTES, type WalkMemory } from './memory.ts';

/** Told of results that come later. */
export interface DirectoryResults {
  opened(buffer: DirectoryBuffer, result: number): void;
  haveRead(buffer: DirectoryBuffer, result: number): void;
}

/** openat, getdents64 and close. A result is undefined if it will be told later. */
export class DirectoryCalls {
  readonly #loop: Loop;
  readonly #memory: WalkMemory;
  readonly #inFlight: InFlight;
  readonly #results: DirectoryResults;
  readonly #opens = new Site();
  readonly #reads = new Site();
  readonly #closes = new Site();

  constructor(loop: Loop, memory: WalkMemory, inFlight: InFlight, results: DirectoryResults) {
    this.#loop = loop;
    this.#memory = memory;
    this.#inFlight = inFlight;
    this.#results = results;
  }

  /** Opens a directory relative to its parent. Its name is read from the buffer. */
  open(buffer: DirectoryBuffer, parentFd: number, { name }: Directory): number | undefined {
    this.#memory.bytes.set(name, buffer.start);
    this.#memory.bytes[buffer.start + name.length] = 0;
    const slot = this.#slot(OPENAT, parentFd, buffer, OPEN_FLAGS);
    const result = this.#loop.runAt(this.#opens, slot);
    if (!slot.busy) return result;
    const close = (fd: number) => fd >= 0 && this.close(fd);
    this.#inFlight.add(slot, (fd) => this.#results.opened(buffer, fd), close);
    return undefined;
  }

  /** Reads names into the buffer: how many bytes, 0 at the end. */
  read(buffer: DirectoryBuffer, fd: number): number | undefined {
    const slot = this.#slot(GETDENTS64, fd, buffer, BUFFER_BYTES);
    const result = this.#loop.runAt(this.#reads, slot);
    if (!slot.busy) return result;
    this.#inFlight.add(slot, (bytes) => this.#results.haveRead(buffer, bytes));
    return undefined;
  }

  /** Nobody needs its result. */
  close(fd: number): void {
    if (this.#loop.closed) {
      closeSync(fd);
      return;
    }
    const slot = this.#loop.next().begin(CLOSE);
    slot.setInt(0, fd);
    this.#loop.runAt(this.#closes, slot);
    if (slot.busy) this.#inFlight.add(slot, () => {});
  }

  #slot(nr: number, fd: number, { start }: DirectoryBuffer, last: number): Slot {
    const slot = this.#loop.next().begin(nr);
    slot.setInt(0, fd);
    slot.setNumber(1, this.#memory.address(start));
    slot.setInt(2, last);
    return slot;
  }
}
