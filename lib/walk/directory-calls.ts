import type { Blocks } from './blocks.ts';
import { CLOSE, GETDENTS64, OPEN_FLAGS, OPENAT } from './call-numbers.ts';
import type { CallCounts } from './counts.ts';
import type { Directory, DirectoryBuffer } from './directory.ts';
import type { InFlight } from './in-flight.ts';
import { BUFFER_BYTES, STATS, type WalkMemory } from './memory.ts';
import { Predictor } from './predictor.ts';

/** caller_data of an openat or getdents64: its buffer's index, above those of stats. */
export const FIRST_BUFFER = STATS;
/** caller_data of a close, whose result nobody needs. */
export const NOBODY = 0x7fff_ffff;

export interface DirectoryCallsOptions {
  readonly memory: WalkMemory;
  readonly blocks: Blocks;
  /** Which of the blocks. */
  readonly block: number;
  readonly inFlight: InFlight;
  readonly counts: CallCounts;
}

/**
 * openat, getdents64 and close. One block serves all: the kernel side has its own copy of it once
 * a call is in flight. A result is undefined if it will come as a completion.
 */
export class DirectoryCalls {
  readonly #memory: WalkMemory;
  readonly #blocks: Blocks;
  readonly #block: number;
  readonly #inFlight: InFlight;
  readonly #counts: CallCounts;
  readonly #opens = new Predictor();
  readonly #reads = new Predictor();

  constructor({ memory, blocks, block, inFlight, counts }: DirectoryCallsOptions) {
    this.#memory = memory;
    this.#blocks = blocks;
    this.#block = block;
    this.#inFlight = inFlight;
    this.#counts = counts;
  }

  /** Opens a directory relative to its parent. Its name is read from the buffer. */
  open(buffer: DirectoryBuffer, parentFd: number, { name }: Directory): number | undefined {
    this.#memory.bytes.set(name, buffer.start);
    this.#memory.bytes[buffer.start + name.length] = 0;
    this.#blocks.setInteger(this.#block, 0, parentFd);
    this.#aim(OPENAT, 1, buffer);
    this.#blocks.setInteger(this.#block, 2, OPEN_FLAGS);
    return this.#make(this.#opens);
  }

  /** Reads names into the buffer: how many bytes, 0 at the end. */
  read(buffer: DirectoryBuffer, fd: number): number | undefined {
    this.#blocks.setInteger(this.#block, 0, fd);
    this.#aim(GETDENTS64, 1, buffer);
    this.#blocks.setInteger(this.#block, 2, BUFFER_BYTES);
    return this.#make(this.#reads);
  }

  close(fd: number): void {
    this.#blocks.setNumber(this.#block, CLOSE);
    this.#blocks.setInteger(this.#block, 0, fd);
    this.#blocks.setCallerData(this.#block, NOBODY);
    this.#run();
  }

  #aim(nr: number, argument: number, { start, index }: DirectoryBuffer): void {
    this.#blocks.setNumber(this.#block, nr);
    this.#blocks.setCallerData(this.#block, FIRST_BUFFER + index);
    this.#blocks.setPointer(
      this.#block,
      argument,
      this.#memory.low(start),
      this.#memory.high(start),
    );
  }

  #make(predictor: Predictor): number | undefined {
    const dispatches = predictor.dispatches && !predictor.shouldProbe();
    if (dispatches && this.#dispatch()) return undefined;
    const result = this.#run();
    if (result === undefined) predictor.blocked();
    else if (predictor.dispatches) predictor.probeRan();
    else predictor.ran(1);
    return result;
  }

  #dispatch(): boolean {
    if (!this.#blocks.dispatch(this.#block)) return false;
    this.#counts.dispatches++;
    this.#inFlight.count++;
    return true;
  }

  #run(): number | undefined {
    const result = this.#blocks.run(this.#block);
    if (!this.#blocks.pending(this.#block)) {
      this.#counts.inline++;
      return result;
    }
    this.#counts.handOffs++;
    this.#inFlight.count++;
    return undefined;
  }
}
