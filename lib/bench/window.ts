import type { Kernel } from '../kernel/index.ts';
import { BlockedRead } from './blocked-read.ts';
import { Rescue } from './rescue.ts';

/**
 * Keeps `size` calls blocked: each further one lets the oldest end. A pipe for each, since a byte
 * that is on its way to one reader would be there for the next one without a block.
 */
export class Window {
  readonly #kernel: Kernel;
  readonly #size: number;
  readonly #rescue = new Rescue();
  readonly #idle: BlockedRead[];
  readonly #blocked: BlockedRead[] = [];
  readonly #byData: BlockedRead[] = [];
  /** Calls that did not block, because their pipe had been written to by the rescue. */
  synchronous = 0;

  constructor(kernel: Kernel, size: number, spare: number) {
    this.#kernel = kernel;
    this.#size = size;
    this.#idle = Array.from({ length: size + spare }, (_, index) => {
      const read = new BlockedRead(kernel, this.#rescue);
      read.call.setCallerData(index);
      return read;
    });
    this.#byData.push(...this.#idle);
  }

  /** Microseconds for each of the next hand-offs. */
  slide(count: number): number {
    const start = performance.now();
    for (let i = 0; i < count; i++) this.#step();
    return ((performance.now() - start) * 1000) / count;
  }

  #step(): void {
    const read = this.#takeIdle();
    if (read.block()) this.#blocked.push(read);
    else this.#didNotBlock(read);
    if (this.#blocked.length > this.#size) this.#endOldest();
    this.#kernel.ring.reap(this.#completed);
  }

  #takeIdle(): BlockedRead {
    while (this.#idle.length === 0) this.#kernel.ring.reap(this.#completed);
    return this.#idle.pop() as BlockedRead;
  }

  #didNotBlock(read: BlockedRead): void {
    this.synchronous++;
    this.#idle.push(read);
  }

  #endOldest(): void {
    this.#blocked.shift()?.write();
  }

  readonly #completed = (_status: number, index: number): void => {
    this.#idle.push(this.#byData[index] as BlockedRead);
  };

  /** Lets all end; how many calls the rescue had to end. */
  close(): number {
    for (const read of this.#blocked) read.write();
    while (this.#idle.length < this.#byData.length) this.#kernel.ring.reap(this.#completed);
    for (const read of this.#byData) read.close();
    return this.#rescue.stop();
  }
}
