import { EAGAIN, EBADF, EINTR, EPIPE } from '../errors.ts';
import { ESYSLETPENDING, eventSet, type LoopSide, NR } from '../kernel/index.ts';
import { filesOf } from './begun-files.ts';
import type { Tally } from './counters.ts';
import type { Line } from './descriptor.ts';
import { NO_VARIANT, type StreamHint, type VariantHint } from './hint.ts';
import { advance, callNow, Rest, totalOf } from './parts.ts';
import { hold } from './pins.ts';
import type { Readiness, Verdict } from './readiness.ts';
import { type Site, SiteTable } from './site.ts';
import type { Slot } from './slot.ts';
import type { WaitedCalls } from './waited-calls.ts';

const POLLIN = 1;
const PENDING = 0;
const TWO_32 = 0x1_0000_0000;

/** What asking found out: `ends at once` means that the call itself is to be made, inline. */
type Answer = 'answered' | 'would block' | 'ends at once' | 'no variant';

/** Told of calls that are not over when start() returns. */
export interface Away {
  /** It is in flight. */
  fly(slot: Slot): void;
  /** It waits for its descriptor. */
  wait(slot: Slot): void;
  /** It is to be made later: nobody could take JavaScript over while it blocks. */
  postpone(slot: Slot): void;
}

/** In place of a result: the call was postponed. */
export const POSTPONED = Number.NaN;

/**
 * Makes calls: inline, or, where they are expected to block, when their descriptor is ready, or on
 * another task.
 */
export class Starter {
  /** A call that asks is waited for; the slot that it asks for is nobody's yet. */
  isAsking = false;
  /** The latest call that blocked found nobody to take JavaScript over. */
  isShort = false;
  readonly #call: LoopSide['call'];
  readonly #up: LoopSide['callUp'];
  readonly #watched: LoopSide['callWatched'];
  /** One of the two: may the call that is made hold JavaScript for some milliseconds? */
  #make: LoopSide['callUp'];
  readonly #send: LoopSide['dispatch'];
  readonly #sites = new SiteTable();
  readonly #tally: Tally;
  readonly #waited: WaitedCalls;
  readonly #predict: boolean;
  readonly #readiness: Readiness;
  readonly #away: Away;
  /** Of calls that ask whether another would block. */
  #spare: Slot | undefined;

  constructor(
    side: LoopSide,
    tally: Tally,
    waited: WaitedCalls,
    readiness: Readiness,
    predict: boolean,
    away: Away,
  ) {
    this.#call = side.call;
    this.#make = this.#up = side.callUp;
    this.#watched = side.callWatched;
    this.#send = side.dispatch;
    this.#tally = tally;
    this.#waited = waited;
    this.#readiness = readiness;
    this.#predict = predict;
    this.#away = away;
  }

  /** The result or -errno; meaningless if the slot is away. */
  start(slot: Slot, mayHold = true): number {
    this.#make = mayHold ? this.#up : this.#watched;
    if (slot.line !== undefined) {
      return this.#readiness.goesOn(slot, (line) => this.#first(slot, line));
    }
    if (slot.cameBack) return this.#inline(slot, slot.site);
    const { hint } = slot;
    if (hint === undefined || hint.events === 0 || !this.#predict) return this.#judged(slot);
    return this.#stream(slot, hint) ?? this.#judged(slot);
  }

  /** As its site says, which has seen calls like it. */
  #judged(slot: Slot): number {
    const site = this.#siteOf(slot);
    if (site?.expectsBlock && this.#predict) return this.#expected(slot, site);
    return this.#inline(slot, site);
  }

  #siteOf(slot: Slot): Site | undefined {
    return slot.site ?? this.#sites.find(slot.nr, slot.firstArgument);
  }

  /** A call on a descriptor that may tell when it is ready; undefined if that is no help. */
  #stream(slot: Slot, hint: StreamHint): number | undefined {
    if (hint.endsAtOnce(slot)) return this.#inline(slot, undefined);
    const site = hint.events === POLLIN ? slot.site : this.#siteOf(slot);
    const isTrusted = hint.events === POLLIN ? site?.expectsBlock === false : !site?.expectsBlock;
    const line = this.#readiness.line(slot.firstArgument, hint.events);
    if (line === undefined) return this.#file(slot);
    if (hint.parts !== undefined && line.idle && !(slot.site !== undefined && isTrusted)) {
      const result = this.#partNow(slot, hint, line);
      if (result !== undefined) return result;
    }
    if (line.idle && (isTrusted || this.#readiness.isReady(line))) return this.#ready(slot, line);
    return this.#verdict(slot, line, this.#readiness.wait(slot, hint, line));
  }

  #verdict(slot: Slot, line: Line, verdict: Verdict): number | undefined {
    if (verdict === 'make it') return undefined;
    if (verdict === 'make it first') return this.#ready(slot, line);
    this.#away.wait(slot);
    return PENDING;
  }

  /** What it would wait in, if its descriptor can tell when it is ready. */
  lineOf({ hint, firstArgument }: Slot): Line | undefined {
    if (!hint?.events || !this.#predict) return undefined;
    return this.#readiness.line(firstArgument, hint.events);
  }

  /** The slot's call waits behind others of its line; false if it may not. */
  waitBehind(slot: Slot, line: Line): boolean {
    if (this.#readiness.wait(slot, slot.hint as StreamHint, line) !== 'waits') return false;
    this.#away.wait(slot);
    return true;
  }

  /** The first of a line, which was in the queue, is made or waits: nobody comes before it. */
  #first(slot: Slot, line: Line): number {
    if (slot.rest !== undefined || slot.goesOn) return this.#ready(slot, line);
    if (this.#readiness.isReady(line)) return this.#isReady(slot, slot.hint as StreamHint, line);
    if (!this.#readiness.waitOn(slot, line)) return this.#ready(slot, line);
    this.#away.wait(slot);
    return PENDING;
  }

  /** Nothing waits for a file. If a call blocks for long, the number is another file's by now. */
  #file(slot: Slot): number {
    const result = this.#judged(slot);
    if (slot.state === 'inFlight') this.#readiness.lookAgain(slot.firstArgument);
    return result;
  }

  /** Makes a call whose turn in the line it is. */
  ready(slot: Slot, line: Line): number {
    this.#make = this.#up;
    return this.#ready(slot, line);
  }

  /** Poll says so. A call for which that is enough need not be refused where nobody could take over. */
  #isReady(slot: Slot, hint: StreamHint, line: Line): number {
    const { isPipe, isSocket } = line.descriptor;
    if ((isPipe || isSocket) && !hint.wantsAll(slot)) this.#make = this.#up;
    return this.#ready(slot, line);
  }

  #ready(slot: Slot, line: Line): number {
    return this.#partNow(slot, slot.hint as StreamHint, line) ?? this.#whole(slot, line);
  }

  /** All of it, or all that is left of it. */
  #whole(slot: Slot, line: Line): number {
    const result = this.#inline(slot, slot.site);
    if (slot.state === 'inFlight' || slot.cameBack) {
      this.#readiness.blocked(slot, line);
      return result;
    }
    if (result > 0) line.descriptor.wasTried();
    return totalOf(slot, this.#gone(slot, line, result));
  }

  /**
   * Who waits to write to a Unix socket while the other side goes is told of what was not read there,
   * as a call is that waits in the kernel.
   */
  #gone(slot: Slot, { descriptor }: Line, result: number): number {
    const hasWaited = result === EPIPE && slot.state === 'queued' && descriptor.isSocket;
    return (hasWaited && eventSet().readyError(descriptor.fd)) || result;
  }

  /** As much of a write or a send as there is room for; undefined if it has no parts. */
  #partNow(slot: Slot, hint: StreamHint, line: Line): number | undefined {
    if (hint.parts === undefined || slot.moved > 0 || slot.hasSocketLimit) return undefined;
    const result = callNow(slot, hint, line, this.#call);
    if (result === undefined) return undefined;
    if (result !== -ESYSLETPENDING || !slot.handedOver) {
      this.#tally.inlineHits++;
      return this.#goOn(slot, line, result);
    }
    slot.rest ??= new Rest();
    slot.rest.isTried = true;
    this.#tally.handOffs++;
    this.#fly(slot);
    this.#readiness.blocked(slot, line);
    return result;
  }

  /** A part has ended with this result: the rest waits for room. */
  #goOn(slot: Slot, line: Line, result: number): number {
    if (slot.rest === undefined && result === slot.argument(2)) return result;
    if (result !== EAGAIN && result <= 0) return totalOf(slot, this.#gone(slot, line, result));
    slot.rest ??= new Rest();
    if (result > 0) {
      slot.rest.took(result);
      if (advance(slot, result, slot.rest.done) === 0) return totalOf(slot, 0);
    } else if (slot.rest.isVain()) {
      return this.#whole(slot, line);
    }
    if (!this.#readiness.waitOn(slot, line)) return this.#whole(slot, line);
    this.#away.wait(slot);
    return PENDING;
  }

  /** A part that was handed over is over. */
  partEnded(slot: Slot, result: number): number {
    (slot.rest as Rest).isTried = false;
    if (slot.line === undefined) return totalOf(slot, result === EAGAIN ? EBADF : result);
    if (slot.interrupted) return totalOf(slot, result === EAGAIN ? EINTR : result);
    return this.#readiness.goesOn(slot, (line) => this.#goOn(slot, line, result));
  }

  #inline(slot: Slot, site: Site | undefined): number {
    const result = this.#make(slot.id);
    if (result === -ESYSLETPENDING) {
      if (slot.handedOver) return this.handedOver(slot, site);
      if (slot.cameBack) return this.#postpone(slot);
    }
    this.#tally.inlineHits++;
    if (site !== undefined) site.sawReturn();
    return result;
  }

  #postpone(slot: Slot): number {
    this.isShort = true;
    slot.hadMoment ||= this.#make === this.#up && !slot.looked;
    slot.files = slot.goesOn ? (slot.files ?? filesOf(slot, this.#readiness)) : undefined;
    this.#away.postpone(slot);
    return POSTPONED;
  }

  /** So many calls of a batch have ended at once. */
  endedAtOnce(site: Site, count: number): void {
    this.#tally.inlineHits += count;
    site.sawReturn(count);
  }

  /** The slot's call, or one of a batch that is this slot's from now on, was handed over. */
  handedOver(slot: Slot, known: Site | undefined): number {
    const site = known ?? this.#sites.make(slot.nr, slot.firstArgument);
    if (!site.expectsBlock) this.#tally.inlineBlocked++;
    site.sawBlock();
    this.#tally.handOffs++;
    return this.#fly(slot);
  }

  #fly(slot: Slot): number {
    this.isShort = false;
    hold(slot);
    this.#away.fly(slot);
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
    if (hint.events !== 0) {
      if (eventSet().readyAsk(slot.firstArgument, hint.events)) return this.#inline(slot, site);
      return this.#dispatch(slot, site, observe);
    }
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
   * if it has to wait its turn. Where no thread can be had it is looked at: its limit begins now.
   */
  startAtOnce(slot: Slot): number | undefined {
    this.#make = this.#watched;
    const hint = slot.cameBack ? undefined : slot.hint;
    if (hint === undefined) {
      const site = this.#siteOf(slot);
      const mayWait = slot.traits.waits || site?.expectsBlock;
      return mayWait && !this.isShort ? undefined : this.#inline(slot, site);
    }
    return hint.events === 0 ? this.#variantAtOnce(slot, hint) : this.#streamAtOnce(slot, hint);
  }

  #variantAtOnce(slot: Slot, hint: VariantHint): number | undefined {
    const answer = this.#ask(slot, hint);
    if (answer === 'would block') return undefined;
    return answer === 'answered' ? this.#answered(slot) : this.#inline(slot, this.#siteOf(slot));
  }

  /** What has to wait for its descriptor waits there: it takes nobody's place. */
  #streamAtOnce(slot: Slot, hint: StreamHint): number | undefined {
    if (hint.endsAtOnce(slot)) return this.#inline(slot, undefined);
    const line = this.#readiness.line(slot.firstArgument, hint.events);
    if (line === undefined) return this.#inline(slot, this.#siteOf(slot));
    const result = line.idle ? this.#partNow(slot, hint, line) : undefined;
    if (result !== undefined) return result;
    if (line.idle && eventSet().readyAsk(slot.firstArgument, hint.events)) {
      return this.#isReady(slot, hint, line);
    }
    const verdict = this.#readiness.wait(slot, hint, line);
    if (verdict === 'waits') return this.#verdict(slot, line, verdict);
    return this.isShort ? this.#inline(slot, this.#siteOf(slot)) : undefined;
  }

  /**
   * Asking must not block, and is waited for if it does all the same: a lock in the kernel, a page.
   *
   * `answered`: the spare slot has the call's result. Only a result as long as was asked for is one:
   * a short one need not be the end of the file (Linux 5.9 and 5.10 gave even 0 in the middle), and
   * an error is better told by the call itself.
   */
  #ask(slot: Slot, hint: VariantHint): Answer {
    this.#spare ??= this.#waited.newSlot();
    if (hint.prepare(slot, this.#spare) === 'ends at once') return 'ends at once';
    this.isAsking = true;
    const result = this.#waited.run(this.#spare);
    this.isAsking = false;
    if (result === EAGAIN) return 'would block';
    if (result <= 0) return NO_VARIANT.includes(result) ? 'no variant' : 'ends at once';
    return result === slot.argument(2) ? 'answered' : 'would block';
  }

  /** Sends the call to a waiting task; where none can be had, it runs inline. */
  #dispatch(slot: Slot, site: Site, observe: boolean): number {
    const result = this.#send(slot.id, observe);
    if (result !== -ESYSLETPENDING || !slot.handedOver) return this.#inline(slot, site);
    this.#tally.dispatches++;
    slot.observed = observe ? site : undefined;
    return this.#fly(slot);
  }

  /**
   * Is there a task that would take JavaScript over? No look tells, which may take long: a call that
   * ends at once is not made without one.
   */
  hasTask(): boolean {
    this.#spare ??= this.#waited.newSlot();
    this.isAsking = true;
    this.#waited.runWatched(this.#spare.begin(NR.getpid));
    this.isAsking = false;
    return !this.#spare.cameBack;
  }

  /** Sends the call to a waiting task whatever is expected of it: false if none can be had. */
  send(slot: Slot): boolean {
    if (this.#send(slot.id, false) !== -ESYSLETPENDING || !slot.handedOver) return false;
    this.#tally.dispatches++;
    this.#fly(slot);
    return true;
  }

  /** The slot's call is over: would it have blocked, if that was observed? */
  learn(slot: Slot): void {
    const site = slot.observed;
    if (site === undefined) return;
    slot.observed = undefined;
    this.#tally.dispatchesObserved++;
    if (slot.slept) {
      site.sawBlock();
    } else {
      this.#tally.dispatchReturned++;
      site.sawReturn();
    }
  }
}
