import { layout, placeOf, syslet_result_place } from '../abi/index.ts';
import { checkInteger } from '../check.ts';
import { EBUSY, SysletsError } from '../errors.ts';
import { hostTarget } from '../host-target.ts';
import { native } from '../native.ts';
import { afterReap, type WaitOptions, waitInSlices } from '../ring/index.ts';

export interface ResultPlaceOptions {
  /**
   * An eventfd (EFD_NONBLOCK), to which each result adds 1: an event loop can wait for it. It stays
   * open until that was read.
   */
  readonly eventfd?: number;
}

/** `enum syslet_place_flags` */
const SYSLET_PLACE_WAKE = 1;
const SYSLET_PLACE_EVENT = 2;

const at = (member: string) => placeOf(syslet_result_place, hostTarget, member).offset;
const STATUS = layout(syslet_result_place, hostTarget).size;
const DONE = STATUS + BigInt64Array.BYTES_PER_ELEMENT;
const BYTES = DONE + BigInt64Array.BYTES_PER_ELEMENT;

/**
 * Where the result of a call that blocks goes, in place of a ring: `struct syslet_result_place` (24
 * bytes, aligned to 8), and the two words that it names, in a SharedArrayBuffer of its own. One call
 * at a time is pending there; its result stays until the next is made. Rusty Russell asked for it on 2008-01-09.
 */
export class ResultPlace {
  readonly buffer = new SharedArrayBuffer(BYTES);
  /** Of the struct. */
  readonly address = native().addressOf(new Uint8Array(this.buffer));
  readonly #status = new BigInt64Array(this.buffer, STATUS, 1);
  readonly #done = new Int32Array(this.buffer, DONE, 1);
  #pending = false;

  private constructor(options: ResultPlaceOptions) {
    const struct = new DataView(this.buffer);
    const { eventfd } = options;
    struct.setBigUint64(at('status_ptr'), this.statusAddress, true);
    struct.setBigUint64(at('done_ptr'), this.address + BigInt(DONE), true);
    struct.setUint32(
      at('flags'),
      SYSLET_PLACE_WAKE | (eventfd === undefined ? 0 : SYSLET_PLACE_EVENT),
      true,
    );
    if (eventfd !== undefined) {
      struct.setInt32(at('eventfd'), checkInteger('eventfd', eventfd, 0, 0x7fff_ffff), true);
    }
  }

  static create(options: ResultPlaceOptions = {}): ResultPlace {
    return new ResultPlace(options);
  }

  /** Of the u64 for the status: names the pending call together with its caller data. */
  get statusAddress(): bigint {
    return this.address + BigInt(STATUS);
  }

  /** The call that was pending is over, and `status` is its result. */
  get done(): boolean {
    if (Atomics.load(this.#done, 0) === 0) return false;
    this.#pending = false;
    afterReap();
    return true;
  }

  /** Its result or -errno, all 64 bits; undefined until then. */
  get status(): bigint | undefined {
    return this.done ? this.#status[0] : undefined;
  }

  /**
   * Sleeps until the call is over: true; false when `timeoutMs` have passed before. JavaScript does
   * nothing else meanwhile. At once where nothing is pending: then `done` tells.
   */
  wait(options?: WaitOptions): boolean {
    if (!this.#pending) return this.done;
    const binding = native();
    const sleep = (timeoutMs: number) => binding.placeWait(this.address, timeoutMs);
    return waitInSlices('syslet_place_wait', sleep, options) && this.done;
  }

  /** Called by a SysletCall: it is about to be made. */
  begin(): void {
    if (this.#pending && !this.done) {
      const explanation =
        'another call is pending there: wait for it, or use a place for each call';
      throw new SysletsError('a call into this ResultPlace', EBUSY, explanation);
    }
    Atomics.store(this.#done, 0, 0);
  }

  /** Called by a SysletCall: it was handed over. */
  awaits(): void {
    this.#pending = true;
  }
}
