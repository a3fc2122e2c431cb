import { type Access, Answer, Kind, Op } from '../access.ts';
import { callSite } from '../call-site.ts';
import { ExploreError } from '../error.ts';
import { modified } from '../modify.ts';

/** What instrumented memory calls for each access. */
export interface AccessPort {
  /** Result of the last access. */
  lo: number;
  hi: number;
  access(made: Access): void;
}

/** Makes accesses at once: for setup, arbiter and open, which run alone. */
export class DirectPort implements AccessPort {
  lo = 0;
  hi = 0;
  readonly #bytes: Uint8Array;
  readonly #step: string;

  constructor(bytes: Uint8Array, step: string) {
    this.#bytes = bytes;
    this.#step = step;
  }

  access(made: Access): void {
    switch (made.kind) {
      case Kind.load:
        this.#read(made.address, made.size);
        break;
      case Kind.store:
        this.#write(made.address, made.size, made.lo, made.hi);
        break;
      case Kind.modify:
        this.#modify(made);
        break;
      case Kind.notify:
        this.lo = 0;
        this.hi = 0;
        break;
      default:
        this.#wait(made);
    }
  }

  #read(address: number, size: number): void {
    this.lo = 0;
    this.hi = 0;
    for (let at = 0; at < size; at++) {
      const byte = this.#bytes[address + at] as number;
      if (at < 4) this.lo |= byte << (at * 8);
      else this.hi |= byte << ((at - 4) * 8);
    }
  }

  #write(address: number, size: number, lo: number, hi: number): void {
    for (let at = 0; at < size; at++) {
      this.#bytes[address + at] = at < 4 ? lo >>> (at * 8) : hi >>> ((at - 4) * 8);
    }
  }

  #modify(made: Access): void {
    const { address, size, op } = made;
    this.#read(address, size);
    const { lo, hi } = this;
    if (op === Op.compareExchange && (lo !== made.expectedLo || hi !== made.expectedHi)) return;
    const into = { lo: 0, hi: 0 };
    modified(op, size, lo, hi, made.lo, made.hi, into);
    this.#write(address, size, into.lo, into.hi);
  }

  #wait(made: Access): void {
    this.#read(made.address, made.size);
    const isEqual = this.lo === made.expectedLo && this.hi === made.expectedHi;
    this.hi = 0;
    this.lo = isEqual ? Answer.timedOut : Answer.notEqual;
    if (!isEqual || made.isLimited) return;
    throw new ExploreError(
      `${this.#step} waits for ever at ${callSite()}: it runs alone, so no other thread can notify it`,
    );
  }
}
