import {
  type Argument,
  type CallName,
  callNumber,
  type Kernel,
  type SysletCall,
} from '../kernel/index.ts';
import { CompletionRing } from '../ring/index.ts';

/**
 * The raw layer: what someone who prototypes a libc writes against. Nothing is thrown for a call
 * that fails.
 */
export class RawCalls {
  /** Completions of calls that blocked; reap or wait for it yourself. */
  readonly ring: CompletionRing;
  readonly #call: SysletCall;

  constructor(kernel: Kernel, elements: number) {
    this.ring = CompletionRing.create(elements);
    this.#call = kernel.newCall(0, { ring: this.ring });
  }

  /**
   * Makes a call by name or number: its result, -errno, or -ESYSLETPENDING with `pending` set; then
   * `callerData` comes with the completion. Memory stays alive and in place until then.
   */
  call(nr: CallName | number, callerData: number | bigint, ...args: readonly Argument[]): number {
    this.#call.nr = callNumber(nr);
    return this.#call
      .setCallerData(callerData)
      .setArgs(...args)
      .run();
  }

  /** The last call was handed over: a result of -132 without it is the kernel's own ERFKILL. */
  get pending(): boolean {
    return this.#call.pending;
  }

  /** All 64 bits of the last result. */
  get result(): bigint {
    return this.#call.result;
  }

  /** Gives the block back; pending calls still complete into the ring. */
  release(): void {
    this.#call.release();
  }
}
