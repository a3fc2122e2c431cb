import type { NativeAttachInfo, NativeBinding, NativeResult, Watcher } from '../binding.ts';
import { checkInteger, checkU64, expected } from '../check.ts';
import { DetachedError } from '../errors.ts';
import { native } from '../native.ts';
import { CompletionRing, pin, ringWait, unpinnedAll, type WaitOptions } from '../ring/index.ts';
import type { Argument } from './argument.ts';
import { attachNative } from './attach-native.ts';
import { CALL_BYTES } from './call-layout.ts';
import { type Frame, newFrameStack } from './frame.ts';
import {
  type CallOptions,
  checkSettings,
  checkSlots,
  type KernelOptions,
  ringFor,
  traceFor,
} from './options.ts';
import { completedResult } from './result.ts';
import { ResultPlace } from './result-place.ts';
import { type CallHost, SysletCall } from './syslet-call.ts';

/** Keeps what an attached context uses, also when the program lets go of its Kernel. */
const attached = new Set<Kernel>();

/**
 * This thread's user context, attached to the kernel side. One for each thread, main thread and
 * workers alike. detach() or the thread's end interrupts pending calls and waits for them.
 */
export class Kernel {
  /** Ring of calls that name no other. */
  readonly ring: CompletionRing;
  /** What the kernel side said at attach. */
  readonly info: NativeAttachInfo;
  /** All submission blocks, as the kernel side reads them. */
  readonly blocks: Uint8Array<SharedArrayBuffer>;
  readonly #native: NativeBinding;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #frame: Frame;
  /** As many blocks as there may be. */
  readonly #slots: number;
  /** By slot, up to the last one that was ever taken. */
  readonly #calls: (SysletCall | undefined)[] = [];
  readonly #host: CallHost;
  /** No slot below it is free. */
  #firstFree = 0;
  #attached = true;

  private constructor(binding: NativeBinding, options: KernelOptions) {
    const settings = checkSettings(options);
    const slots = checkSlots(options.slots);
    const bytes = new SharedArrayBuffer(slots * CALL_BYTES);
    this.ring = ringFor(options.ring);
    this.#native = binding;
    this.blocks = new Uint8Array(bytes);
    this.#words = new Int32Array(bytes);
    this.#frame = { ip: binding.functions().park, stack: newFrameStack() };
    this.#slots = slots;
    this.#host = {
      call: binding.call,
      dispatch: binding.dispatch,
      callAt: binding.callAt,
      addressOf: binding.addressOf,
      holdsMemory: binding.holdsMemory(),
      handedOver: pin,
      released: (slot) => {
        this.#calls[slot] = undefined;
        this.#firstFree = Math.min(this.#firstFree, slot);
      },
    };
    this.info = attachNative(binding, {
      ...settings,
      ...traceFor(options.trace),
      calls: this.blocks,
    });
    attached.add(this);
  }

  /**
   * Attaches the calling thread.
   *
   * @throws SysletsError EBUSY if it is attached already, others with the reason;
   * NativeUnavailableError where there is no addon.
   */
  static attach(options: KernelOptions = {}): Kernel {
    return new Kernel(native(), options);
  }

  /** false once it was detached. */
  get attached(): boolean {
    return this.#attached;
  }

  /** A submission block; its frame is park. */
  newCall(nr: number, options: CallOptions = {}): SysletCall {
    this.#check();
    const free = this.#calls.indexOf(undefined, this.#firstFree);
    const slot = free < 0 ? this.#calls.length : free;
    if (slot === this.#slots) {
      throw new RangeError(
        `all ${this.#slots} slots are taken: release() calls, or attach with more slots`,
      );
    }
    const call = new SysletCall(this.#host, this.#words, slot);
    call.nr = nr;
    call.setRing(options.ring ?? this.ring).setFrame(options.frame ?? this.#frame);
    this.#calls[slot] = call;
    this.#firstFree = slot + 1;
    return call;
  }

  /**
   * Makes one call and gives its result, also if it blocks and is handed over meanwhile: for
   * what a program does now and then.
   *
   * @throws SysletsError when the call failed.
   */
  complete(nr: number, ...args: readonly Argument[]): number {
    const ring = CompletionRing.create(1);
    const call = this.newCall(nr, { ring }).setArgs(...args);
    try {
      const result = call.runOrThrow();
      return call.pending ? completedResult(call.nr, ring) : result;
    } finally {
      call.release();
    }
  }

  /**
   * Runs the blocks `first` and on, in their order and in one go, until one is handed over or all
   * have run. How many: if the last of them is pending, the others have not begun.
   */
  runMany(first: number, count: number): number {
    this.#check();
    checkInteger('first', first, 0, this.#slots);
    checkInteger('count', count, 0, this.#slots - first);
    for (let slot = first; slot < first + count; slot++) {
      if (this.#calls[slot] === undefined) {
        throw new RangeError(`slot ${slot} is free: take it by newCall() before runMany`);
      }
      if (this.#calls[slot]?.place !== undefined) {
        throw new TypeError(
          `the call in slot ${slot} has a place for its result: make it by run()`,
        );
      }
    }
    const number = this.#native.callMany(first, count);
    const last = this.#calls[first + number - 1];
    if (number > 0 && last?.pending) last.keep();
    return number;
  }

  /**
   * Interrupts the pending call with that caller data and ring or place: it completes with -EINTR, or
   * with its result if that was there already. false: there is none. Repeat it until the completion is
   * there: a signal may come just before the call falls asleep.
   */
  interrupt(callerData: number | bigint, into: CompletionRing | ResultPlace = this.ring): boolean {
    this.#check();
    if (typeof callerData === 'bigint') checkU64('callerData', callerData);
    else checkInteger('callerData', callerData, 0, Number.MAX_SAFE_INTEGER);
    const address = into instanceof ResultPlace ? into.statusAddress : into.address;
    return this.#native.interrupt(address, callerData);
  }

  /**
   * `sys_indirect` on raw addresses, as v7 takes them: of struct indirect_registers and union
   * indirect_params. What they point to, and all it points to, is the caller's to keep alive.
   */
  indirect(regs: bigint, params: bigint, paramslen: number | bigint, flags = 0): NativeResult {
    this.#check();
    checkU64('regs', regs);
    checkU64('params', params);
    if (typeof paramslen === 'bigint') checkU64('paramslen', paramslen);
    else checkInteger('paramslen', paramslen, 0, Number.MAX_SAFE_INTEGER);
    checkInteger('flags', flags, -0x8000_0000, 0xffff_ffff);
    return this.#native.indirect(regs, params, paramslen, flags);
  }

  /**
   * Sleeps until kernel_head of the ring is not `index`: true; false at the timeout. An address
   * may be any: EFAULT is thrown where there is no ring.
   */
  ringWait(ring: CompletionRing | bigint, index: number, options?: WaitOptions): boolean {
    this.#check();
    checkInteger('index', index, 0, Number.MAX_SAFE_INTEGER);
    const address = ring instanceof CompletionRing ? ring.address : checkU64('ring', ring);
    return ringWait(address, index, options);
  }

  /** Id of the OS thread that runs JavaScript right now; also after detach. */
  gettid(): number {
    return this.#native.gettid();
  }

  /** Counters of the whole process; also after detach. */
  counters(): Readonly<Record<string, bigint>> {
    return this.#native.counters();
  }

  /** Addresses of the two return functions that a frame may name. */
  functions(): { readonly park: bigint; readonly exit: bigint } {
    return this.#native.functions();
  }

  /** Lets frames name a native function of yours. It must keep the rules of docs/frames.md. */
  registerFunction(address: bigint): void {
    if (checkU64('address', address) === 0n) {
      throw new RangeError(expected('address', address, 'that of a function'));
    }
    this.#native.registerFunction(address);
  }

  /** The watcher in use and why; `auto` goes over to the sampler when perf can no more. */
  watcher(): { readonly watcher: Watcher | 'auto'; readonly watcherReason: string } {
    this.#check();
    return this.#native.watcher();
  }

  /** Interrupts pending calls, waits for them, brings JavaScript back to its own thread. */
  detach(): { readonly interrupted: number } {
    this.#check();
    const result = this.#native.detach();
    this.#attached = false;
    attached.delete(this);
    unpinnedAll();
    for (const call of this.#calls) call?.detached();
    return result;
  }

  /** For `using`: detaches, unless that was done. */
  [Symbol.dispose](): void {
    if (this.#attached) this.detach();
  }

  #check(): void {
    if (!this.#attached) {
      throw new DetachedError('the kernel was detached: Kernel.attach() gives another one');
    }
  }
}
