import { checkInteger, expected } from '../check.ts';
import { DetachedError, isError } from '../errors.ts';
import { CompletionRing } from '../ring/index.ts';
import { type Addresses, type Argument, registerOf } from './argument.ts';
import { Block } from './block.ts';
import { ARGUMENTS, CALL_WORDS } from './call-layout.ts';
import { checkFrame, type Frame } from './frame.ts';
import { callError, ESYSLETPENDING } from './result.ts';
import { ResultPlace } from './result-place.ts';

/** What a call uses of the kernel that it belongs to. */
export interface CallHost extends Addresses {
  readonly call: (slot: number) => number;
  readonly dispatch: (slot: number, observe: boolean) => number;
  readonly callAt: (slot: number, place: bigint, how: number) => number;
  handedOver(pins: readonly object[]): void;
  released(slot: number): void;
}

const NR_MAX = 0x7fff_ffff;
/** Of this module: with cold caches an imported binding costs `run` a microsecond. */
const HANDED_OVER = -ESYSLETPENDING;

/** How callAt makes a call. */
const RUN = 0;
const DISPATCH = 1;
const OBSERVE = 2;

/**
 * A submission block, `struct syslet_call` (128 bytes, aligned to 8): which call with which
 * arguments, where its completion goes if it blocks. It can be run any number of times, also
 * while an earlier run is pending: the kernel side takes a copy.
 */
export class SysletCall {
  readonly slot: number;
  #block: Block;
  /**
   * No # name: where a program calls now and then, `run` is interpreted with cold caches, and the
   * look-up of a # name costs it a microsecond (docs/architecture.md, "What it costs").
   */
  private makeCall: (slot: number) => number;
  #dispatch: (slot: number, observe: boolean) => number;
  readonly #host: CallHost;
  /** Memory of arguments; made by the first of them, since most calls of a loop have none here. */
  #memory: (object | undefined)[] | undefined;
  #ring: CompletionRing | undefined;
  #place: ResultPlace | undefined;
  #stack: object | undefined;
  #pins: readonly object[] | undefined;
  #left = false;

  /** Made by Kernel.newCall. */
  constructor(host: CallHost, words: Int32Array, slot: number) {
    this.slot = slot;
    this.#host = host;
    this.makeCall = host.call;
    this.#dispatch = host.dispatch;
    this.#block = new Block(words, slot).wipe();
  }

  /** Number of the system call, of this machine's Linux. */
  get nr(): number {
    return this.#block.nr;
  }

  set nr(nr: number) {
    this.#block.nr = checkInteger('nr', nr, 0, NR_MAX);
  }

  /** Sets argument `index`, 0 to 5. Memory stays alive while a call that uses it is pending. */
  setArg(index: number, value: Argument): this {
    checkInteger('index', index, 0, ARGUMENTS - 1);
    this.#block.setRegister(index, registerOf(`argument ${index}`, value, this.#host));
    this.#remember(index, typeof value === 'object' ? value : undefined);
    return this;
  }

  /** As setArg, by the two halves: no bigint, nothing allocated. */
  setArgParts(index: number, low: number, high: number): this {
    this.#block.setParts(checkInteger('index', index, 0, ARGUMENTS - 1), low, high);
    this.#remember(index, undefined);
    return this;
  }

  /** Sets the arguments from the first on; those that are not given become 0, and so does null. */
  setArgs(...values: readonly (Argument | null)[]): this {
    checkInteger('the number of arguments', values.length, 0, ARGUMENTS);
    for (let i = 0; i < ARGUMENTS; i++) {
      const value = i < values.length ? values[i] : null;
      // `undefined` is mostly a misspelt constant: refused
      this.setArg(i, value === null ? 0 : (value as Argument));
    }
    return this;
  }

  /** What the completion will carry; u64. */
  setCallerData(value: number | bigint): this {
    this.#block.setCallerData(registerOf('callerData', value, this.#host));
    return this;
  }

  /** Where the completion goes. */
  get ring(): CompletionRing | undefined {
    return this.#ring;
  }

  setRing(ring: CompletionRing): this {
    if (!(ring instanceof CompletionRing)) {
      throw new TypeError(expected('ring', ring, 'a CompletionRing'));
    }
    ring.validate();
    this.#block.setRing(ring.address);
    this.#ring = ring;
    this.#leavePlace();
    this.#pins = undefined;
    return this;
  }

  /** Where the result goes in place of a ring. */
  get place(): ResultPlace | undefined {
    return this.#place;
  }

  /**
   * The result of a run that blocks goes to `place`, and to no ring. One run at a time: a second one,
   * while the first is pending there, throws.
   */
  setPlace(place: ResultPlace): this {
    if (!(place instanceof ResultPlace)) {
      throw new TypeError(expected('place', place, 'a ResultPlace: ResultPlace.create()'));
    }
    this.#check();
    this.#block.setParamsLength();
    this.#ring = undefined;
    this.#place = place;
    this.#pins = undefined;
    const make = (slot: number, how: number) => {
      place.begin();
      return this.#host.callAt(slot, place.address, how);
    };
    this.makeCall = (slot) => make(slot, RUN);
    this.#dispatch = (slot, observe) => make(slot, observe ? OBSERVE : DISPATCH);
    return this;
  }

  /** Where the original thread returns to; default: park, on a stack of the kernel's. */
  setFrame(frame: Frame): this {
    // each is read once: a getter may give another one the next time
    const { ip, stack } = frame;
    const sp = checkFrame({ ip, stack });
    this.#block.setFrame(ip, sp);
    this.#stack = stack;
    this.#pins = undefined;
    return this;
  }

  /**
   * Makes it an indirect call without a syslet: only calls that create a descriptor run, and give
   * it these flags (O_CLOEXEC, O_NONBLOCK).
   */
  setFileFlags(flags: number): this {
    checkInteger('flags', flags, 0, NR_MAX);
    this.#block.setFileFlags(flags);
    this.#ring = undefined;
    this.#leavePlace();
    return this;
  }

  /**
   * Makes the call: its result or -errno, as a number; -ESYSLETPENDING with `pending` set if it
   * blocked and JavaScript went on. Nothing is allocated, nothing thrown for a failed call.
   */
  run(): number {
    const result = this.makeCall(this.slot);
    return result === HANDED_OVER ? this.#handedOver(result) : result;
  }

  /**
   * Gives the call to a waiting task and goes on at once: for a call that is known to block.
   * -ESYSLETPENDING with `pending` set, or -errno: EAGAIN without room in the ring or at the cap of
   * tasks, EINVAL for a frame other than park and for calls that belong to one OS thread. With
   * `observe`, `slept` tells when the completion is there.
   */
  dispatch(observe = false): number {
    const result = this.#dispatch(this.slot, observe);
    return result === HANDED_OVER ? this.#handedOver(result) : result;
  }

  /** Did the last call that was dispatched with `observe` sleep? undefined until it is over. */
  get slept(): boolean | undefined {
    return this.#block.slept;
  }

  /** As run, but a call that failed at once throws. */
  runOrThrow(): number {
    const result = this.run();
    if (isError(result) && !this.pending) throw callError(this.nr, result, this.#ring);
    return result;
  }

  /** The last run was handed over: its result will be in the ring, or at its place. */
  get pending(): boolean {
    return this.#block.pending;
  }

  /** All 64 bits of the last run's result. */
  get result(): bigint {
    return this.#block.wide;
  }

  /**
   * Which task runs the call that was handed over; 0 is the thread that was attached. After a dispatch
   * the task that was woken or made for it, or 0: any may take it.
   */
  get task(): number {
    return this.#block.task;
  }

  /** Gives the block back. Pending runs are not affected; this object cannot be used any more. */
  release(): void {
    if (this.#left) return;
    this.#leave('this call was released: take another one from kernel.newCall()');
    this.#host.released(this.slot);
  }

  /** Called by the kernel when it detaches. */
  detached(): void {
    this.#leave('the kernel was detached: Kernel.attach() gives another one');
  }

  #leavePlace(): void {
    if (this.#place === undefined) return;
    this.#place = undefined;
    this.makeCall = this.#host.call;
    this.#dispatch = this.#host.dispatch;
  }

  /** A call that was released says so. */
  #check(): void {
    if (this.#left) this.makeCall(this.slot);
  }

  #leave(message: string): void {
    this.#left = true;
    this.#place = undefined;
    this.#block = new Block(new Int32Array(CALL_WORDS), 0);
    this.makeCall = this.#dispatch = () => {
      throw new DetachedError(message);
    };
  }

  /** Called by the kernel, too: the last run is pending, and what it uses stays alive. */
  keep(): void {
    this.#pins ??= Object.freeze(
      [...(this.#memory ?? []), this.#ring?.buffer, this.#place?.buffer, this.#stack].filter(
        (one) => one !== undefined,
      ),
    );
    this.#place?.awaits();
    this.#host.handedOver(this.#pins);
  }

  /** A call may end with this number of its own: `pending` tells. */
  #handedOver(result: number): number {
    if (this.pending) this.keep();
    return result;
  }

  #remember(index: number, memory: object | undefined): void {
    if (this.#memory?.[index] === memory) return;
    this.#memory ??= new Array(ARGUMENTS).fill(undefined);
    this.#memory[index] = memory;
    this.#pins = undefined;
  }
}
