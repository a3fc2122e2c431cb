import { type Access, Kind, LOAD, Op, Order } from '../access.ts';
import { callSite } from '../call-site.ts';
import { ExploreError } from '../error.ts';
import type { AccessPort } from './direct-port.ts';
import { type Element, raw } from './elements.ts';

/** Where accesses of a realm go now. */
export interface PortHolder {
  port: AccessPort;
}

/** A SharedArrayBuffer of the state, as instrumented code sees it. */
export interface Block {
  readonly base: number;
  readonly bytes: number;
  readonly buffer: object;
}

/** What an instrumented typed array or DataView shows. */
export interface ViewInfo {
  readonly block: Block;
  readonly offset: number;
  readonly length: number;
  /** Undefined for a DataView. */
  readonly element: Element | undefined;
}

/** Accesses of one realm, with the values of the language in them. */
export class Accesses {
  readonly holder: PortHolder;

  constructor(holder: PortHolder) {
    this.holder = holder;
  }

  load(element: Element, address: number, how: Partial<Access> = {}): number | bigint {
    const { name, size, tears } = element;
    this.#make({ ...LOAD, kind: Kind.load, address, size, tears, type: name, ...how });
    return element.get(this.holder.port.lo, this.holder.port.hi);
  }

  store(element: Element, address: number, value: unknown, how: Partial<Access> = {}): void {
    const { name, size, tears } = element;
    element.put(value);
    const { lo, hi } = raw;
    this.#make({ ...LOAD, kind: Kind.store, address, size, tears, type: name, lo, hi, ...how });
  }

  modify(element: Element, address: number, op: Op, value: unknown, expected?: unknown) {
    const { name, size } = element;
    element.put(value);
    const { lo, hi } = raw;
    if (op === Op.compareExchange) element.put(expected);
    const [expectedLo, expectedHi] = op === Op.compareExchange ? [raw.lo, raw.hi] : [0, 0];
    const order = Order.seqCst;
    const given = { order, address, size, op, lo, hi, expectedLo, expectedHi, type: name };
    this.#make({ ...LOAD, kind: Kind.modify, ...given });
    return element.get(this.holder.port.lo, this.holder.port.hi);
  }

  /** wait and waitAsync: an Answer. */
  wait(kind: Kind, element: Element, address: number, expected: unknown, isLimited: boolean) {
    element.put(expected);
    const { lo: expectedLo, hi: expectedHi } = raw;
    const { size, name: type } = element;
    const order = Order.seqCst;
    this.#make({ ...LOAD, kind, order, address, size, expectedLo, expectedHi, isLimited, type });
    return this.holder.port.lo;
  }

  /** How many it woke; `most` below 0 is all. */
  notify(element: Element, address: number, most: number): number {
    const { size, name: type } = element;
    this.#make({ ...LOAD, kind: Kind.notify, order: Order.seqCst, address, size, lo: most, type });
    return this.holder.port.lo;
  }

  /** Waits for one of the promises of waitAsync: which one, and its answer. */
  park(): { readonly waiter: number; readonly answer: number } {
    this.#make({ ...LOAD, kind: Kind.park, order: Order.seqCst, size: 0 });
    return { waiter: this.holder.port.lo, answer: this.holder.port.hi };
  }

  #make(access: Access): void {
    this.holder.port.access(access);
  }
}

/** Code did what cannot be followed: the place is named, and nothing is explored wrongly. */
export function refused(what: string, instead: string): ExploreError {
  return new ExploreError(`${what} at ${callSite()} cannot be explored: ${instead}`);
}
