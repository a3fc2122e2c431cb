import type { NativeAttachInfo, NativeBinding, NativeResult, Watcher } from '../binding.ts';
import { checkInteger, checkU64, expected } from '../check.ts';
import { DetachedError } from '../errors.ts';
import { native } from '../native.ts';
import { CompletionRing, pin, ringWait, unpinnedAll, type WaitOptions } from '../ring/index.ts';
import type { Argument } from './argument.ts';
import { attachNative } from './attach-native.ts';
import { Block } from './block.ts';
import { BlockRow } from './block-row.ts';
import { Blocks } from './blocks.ts';
import { checkFrame, type Frame, newFrameStack } from './frame.ts';
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

/** What lib/loop uses of its kernel, beside what programs do. */
export interface LoopSide {
  readonly call: (block: number) => number;
  readonly callUp: (block: number) => number;
  readonly callWatched: (block: number) => number;
  readonly callLooks: (block: number) => number;
  readonly dispatch: (block: number, observe: boolean) => number;
  /** As Kernel.interrupt, of a call that completes into a ring: nothing is checked. */
  readonly interrupt: (ring: bigint, callerData: number) => boolean;
  /** A block whose completions go to the ring, with its id as caller data; `make` gives its owner. */
  newBlock<B extends Block>(ring: CompletionRing, make: (words: Int32Array, id: number) => B): B;
  /** So many that lie one after the other; they have no caller data yet. */
  newRow(count: number, ring: CompletionRing): BlockRow;
}

/** Of a kernel. */
export let loopSideOf: (kernel: Kernel) => LoopSide;

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
  readonly #frame: Frame;
  readonly #blocks: Blocks<SysletCall | Block>;
  readonly #host: CallHost;
  #attached = true;

  private constructor(binding: NativeBinding, options: KernelOptions) {
    const settings = checkSettings(options);
    this.#blocks = new Blocks(checkSlots(options.slots));
    this.ring = ringFor(options.ring);
    this.#native = binding;
    this.blocks = this.#blocks.bytes;
    this.#frame = { ip: binding.functions().park, stack: newFrameStack() };
    this.#host = {
      call: binding.call,
      dispatch: binding.dispatch,
      callAt: binding.callAt,
      addressOf: binding.addressOf,
      holdsMemory: binding.holdsMemory(),
      handedOver: pin,
      released: (slot) => this.#blocks.release(slot),
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
    return this.#blocks.take((slot) => {
      const call = new SysletCall(this.#host, this.#blocks.words, slot);
      call.nr = nr;
      return call.setRing(options.ring ?? this.ring).setFrame(options.frame ?? this.#frame);
    });
  }

  static {
    loopSideOf = (kernel) => kernel.#loopSide();
  }

  #loopSide(): LoopSide {
    const { call, callUp, callWatched, callLooks, callMany, dispatch, interrupt } = this.#native;
    const blocks = this.#blocks;
    const { words } = blocks;
    const { ip } = this.#frame;
    const sp = checkFrame(this.#frame);
    const newBlock: LoopSide['newBlock'] = (ring, make) => {
      this.#check();
      return blocks.take((id) => {
        const block = make(words, id);
        block.wipe();
        block.setRing(ring.address);
        block.setFrame(ip, sp);
        block.setCallerData(id);
        return block;
      });
    };
    const release = (id: number) => blocks.release(id);
    const newRow: LoopSide['newRow'] = (count, ring) => {
      const take = () => newBlock(ring, (_, id) => new Block(words, id));
      return new BlockRow(count, { words, callMany, take, release });
    };
    return { call, callUp, callWatched, callLooks, dispatch, interrupt, newBlock, newRow };
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
    const { count: most } = this.#blocks;
    checkInteger('first', first, 0, most);
    checkInteger('count', count, 0, most - first);
    for (let slot = first; slot < first + count; slot++) {
      const call = this.#blocks.ownerOf(slot);
      if (!(call instanceof SysletCall)) {
        const what = call === undefined ? 'is free' : "is a loop's";
        throw new RangeError(`slot ${slot} ${what}: take one by newCall() before runMany`);
      }
      if (call.place !== undefined) {
        throw new TypeError(
          `the call in slot ${slot} has a place for its result: make it by run()`,
        );
      }
    }
    const number = this.#native.callMany(first, count);
    const last = this.#blocks.ownerOf(first + number - 1);
    if (last instanceof SysletCall && last.pending) last.keep();
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
    for (const owner of this.#blocks.owners()) {
      if (owner instanceof SysletCall) owner.detached();
    }
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
