import { ESYSLETPENDING } from '../kernel/index.ts';
import { native } from '../native.ts';
import type { Tally } from './counters.ts';
import { type Hint, NO_VARIANT } from './hint.ts';
import type { Pins } from './pins.ts';
import { type Site, SiteTable } from './site.ts';
import type { Slot } from './slot.ts';
import type { WaitedCalls } from './waited-calls.ts';

const EAGAIN = -11;
const TWO_32 = 0x1_0000_0000;

/** What asking found out: `ends at once` means that the call itself is to be made, inline. */
type Answer = 'answered' | 'would block' | 'ends at once' | 'no variant';

/** Makes calls: inline, or on another task where they are expected to block. */
export class Starter {
  readonly #call = native().call;
  readonly #send = native().dispatch;
  readonly #sites = new SiteTable();
  readonly #tally: Tally;
  readonly #pins: Pins;
  readonly #waited: WaitedCalls;
  readonly #predict: boolean;
  readonly #fly: (slot: Slot) => void;
  /** Of calls that ask whether another would block. */
  #spare: Slot | undefined;

  /** `fly` is told which call is not over when start() returns. */
  constructor(
    tally: Tally,
    pins: Pins,
    waited: WaitedCalls,
    predict: boolean,
    fly: (slot: Slot) => void,
  ) {
    this.#tally = tally;
    this.#pins = pins;
    this.#waited = waited;
    this.#predict = predict;
    this.#fly = fly;
  }

  /** The result or -errno; meaningless if the slot has flown. */
  start(slot: Slot): number {
    const site = slot.site ?? this.#sites.find(slot.nr, slot.firstArgument);
    if (site?.expectsBlock && this.#predict) return this.#expected(slot, site);
    return this.#inline(slot, site);
  }

  #inline(slot: Slot, site: Site | undefined): number {
    const result = this.#call(slot.call.slot);
    if (result === -ESYSLETPENDING && slot.handedOver) return this.#handedOver(slot, site);
    this.#tally.inlineHits++;
    if (site !== undefined) site.sawReturn();
    return result;
  }

  #handedOver(slot: Slot, known: Site | undefined): number {
    const site = known ?? this.#sites.make(slot.nr, slot.firstArgument);
    if (!site.expectsBlock) this.#tally.inlineBlocked++;
    site.sawBlock();
    this.#tally.handOffs++;
    return this.#away(slot);
  }

  #away(slot: Slot): number {
    this.#pins.hold(slot);
    this.#fly(slot);
    return -ESYSLETPENDING;
  }

  /** A call that is expected to block. */
  #expected(slot: Slot, site: Site): number {
    const prediction = site.predict();
    if (prediction === 'probe') {
      this.#tally.probes++;
      return this.#inline(slot, site);
    }
    const observe = prediction === 'observe';
    const { hint } = slot;
    if (hint === undefined || site.noHint) return this.#dispatch(slot, site, observe);
    switch (this.#ask(slot, hint)) {
      case 'answered':
        return this.#answered(slot);
      case 'would block':
        return this.#dispatch(slot, site, observe);
      case 'no variant':
        site.noHint = true;
        return this.#dispatch(slot, site, observe);
      default:
        return this.#inline(slot, site);
    }
  }

  /** What is there already costs no thread. */
  #answered(slot: Slot): number {
    const { result } = this.#spare as Slot;
    this.#tally.nowaitHits++;
    slot.setResult(result | 0, Math.floor(result / TWO_32));
    return result;
  }

  /**
   * Makes the call if it can be made at once, while as many as there may be are in flight; undefined
   * if it has to wait its turn.
   */
  startAtOnce(slot: Slot): number | undefined {
    const { hint } = slot;
    const site = slot.site ?? this.#sites.find(slot.nr, slot.firstArgument);
    if (hint === undefined) {
      return slot.waits || site?.expectsBlock ? undefined : this.#inline(slot, site);
    }
    const answer = this.#ask(slot, hint);
    if (answer === 'would block') return undefined;
    return answer === 'answered' ? this.#answered(slot) : this.#inline(slot, site);
  }

  /**
   * Asking must not block, and is waited for if it does all the same: a lock in the kernel, a page.
   *
   * `answered`: the spare slot has the call's result. Only a result as long as was asked for is one:
   * a short one need not be the end of the file (Linux 5.9 and 5.10 gave even 0 in the middle), and
   * an error is better told by the call itself.
   */
  #ask(slot: Slot, hint: Hint): Answer {
    this.#spare ??= this.#waited.newSlot();
    const question = hint.prepare(slot, this.#spare);
    if (question === 'ends at once') return 'ends at once';
    const result = this.#waited.run(this.#spare);
    if (question === 'ready') return result > 0 ? 'ends at once' : 'would block';
    if (result === EAGAIN) return 'would block';
    if (result <= 0) return NO_VARIANT.includes(result) ? 'no variant' : 'ends at once';
    return result === slot.argument(2) ? 'answered' : 'would block';
  }

  /** Sends the call to a waiting task; where none can be had, it runs inline. */
  #dispatch(slot: Slot, site: Site, observe: boolean): number {
    const result = this.#send(slot.call.slot, observe);
    if (result !== -ESYSLETPENDING || !slot.handedOver) return this.#inline(slot, site);
    this.#tally.dispatches++;
    slot.observed = observe ? site : undefined;
    return this.#away(slot);
  }

  /** The slot's call is over: would it have blocked, if that was observed? */
  learn(slot: Slot): void {
    const site = slot.observed;
    if (site === undefined) return;
    slot.observed = undefined;
    this.#tally.dispatchesObserved++;
    if (slot.call.slept) {
      site.sawBlock();
    } else {
      this.#tally.dispatchReturned++;
      site.sawReturn();
    }
  }
}
