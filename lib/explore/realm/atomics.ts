import { Answer, answerTexts, Kind, Op, Order } from '../access.ts';
import type { Element } from './elements.ts';
import { type Accesses, refused, type ViewInfo } from './instrument.ts';
import type { TypedViews } from './typed-views.ts';

type Method = (...args: unknown[]) => unknown;

/** What an async actor's promises hang on. */
export interface Promises {
  /** A promise of the realm for the actor's next waiter. */
  make(): object;
}

/** `Atomics` of a realm: instrumented over the state's memory, else the native one. */
export function instrumentedAtomics(
  native: object,
  views: TypedViews,
  accesses: Accesses,
  promises: Promises,
): object {
  const methods = native as Record<string, Method>;
  const atomics = Object.create(Object.getPrototypeOf(native) as object) as Record<string, unknown>;
  const own = ownMethods(views, accesses, promises);
  for (const name of Object.getOwnPropertyNames(native)) {
    const made = own[name];
    const there = methods[name] as Method;
    const method: Method = (...args) => {
      if (made && views.infos.has(args[0] as object)) return made(...args);
      if (name === 'wait' || name === 'waitAsync') return privateWait(methods, name, args);
      return there.apply(native, args);
    };
    Object.defineProperty(method, 'name', { value: name });
    atomics[name] = method;
  }
  Object.defineProperty(atomics, Symbol.toStringTag, { value: 'Atomics', configurable: true });
  return atomics;
}

function ownMethods(
  views: TypedViews,
  accesses: Accesses,
  promises: Promises,
): Record<string, Method> {
  const place = (args: unknown[]) =>
    placeOf(views.infos.get(args[0] as object) as ViewInfo, args[1]);
  const modify =
    (op: Op): Method =>
    (...args) => {
      const { element, address } = place(args);
      return accesses.modify(element, address, op, whole(element, args[2]));
    };
  return {
    load: (...args) => {
      const { element, address } = place(args);
      return accesses.load(element, address, seqCst);
    },
    store: (...args) => {
      const { element, address } = place(args);
      const value = whole(element, args[2]);
      accesses.store(element, address, value, seqCst);
      return value;
    },
    add: modify(Op.add),
    sub: modify(Op.sub),
    and: modify(Op.and),
    or: modify(Op.or),
    xor: modify(Op.xor),
    exchange: modify(Op.exchange),
    compareExchange: (...args) => {
      const { element, address } = place(args);
      const value = whole(element, args[3]);
      return accesses.modify(element, address, Op.compareExchange, value, whole(element, args[2]));
    },
    wait: (...args) => waitOn(accesses, place(args), args),
    waitAsync: (...args) => waitAsyncOn(accesses, promises, place(args), args),
    notify: (...args) => {
      const { element, address } = waitable(place(args));
      const count =
        args[2] === undefined ? Number.POSITIVE_INFINITY : Math.trunc(Number(args[2])) || 0;
      const most = count === Number.POSITIVE_INFINITY || count > 2 ** 30 ? -1 : Math.max(0, count);
      return accesses.notify(element, address, most);
    },
  };
}

const seqCst = { order: Order.seqCst, tears: false };

interface Spot {
  readonly element: Element;
  readonly address: number;
}

function placeOf({ block, offset, length, element }: ViewInfo, given: unknown): Spot {
  if (!element?.isInteger) {
    throw new TypeError(`[object ${element?.array ?? 'DataView'}] is not an integer typed array`);
  }
  const index = Math.trunc(Number(given)) || 0;
  if (index < 0 || index >= length) throw new RangeError('Invalid atomic access index');
  return { element, address: block.base + offset + index * element.size };
}

/** Atomics converts to an integer before anything else. */
function whole(element: Element, value: unknown): unknown {
  if (!element.isBig) return Math.trunc(Number(value)) || 0;
  if (typeof value === 'number') throw new TypeError(`Cannot convert ${value} to a BigInt`);
  return BigInt(value as string);
}

function waitable(spot: Spot): Spot {
  if (spot.element.name === 'i32' || spot.element.name === 'i64') return spot;
  throw new TypeError(`[object ${spot.element.array}] is not an int32 or BigInt64 typed array.`);
}

function limitOf(given: unknown): number {
  const limit = given === undefined ? Number.POSITIVE_INFINITY : Number(given);
  return Number.isNaN(limit) ? Number.POSITIVE_INFINITY : Math.max(0, limit);
}

/** Without any patience a wait is a look at the word. */
function lookOnly(accesses: Accesses, { element, address }: Spot, expected: unknown): number {
  return accesses.load(element, address, seqCst) === expected ? Answer.timedOut : Answer.notEqual;
}

function waitOn(accesses: Accesses, spot: Spot, args: unknown[]): string {
  const { element, address } = waitable(spot);
  const expected = whole(element, args[2]);
  const limit = limitOf(args[3]);
  const answer =
    limit === 0
      ? lookOnly(accesses, spot, wrapped(element, expected))
      : accesses.wait(Kind.wait, element, address, expected, Number.isFinite(limit));
  return answerTexts[answer as 0];
}

function waitAsyncOn(accesses: Accesses, promises: Promises, spot: Spot, args: unknown[]): object {
  const { element, address } = waitable(spot);
  const expected = whole(element, args[2]);
  const limit = limitOf(args[3]);
  if (limit === 0) {
    return {
      async: false,
      value: answerTexts[lookOnly(accesses, spot, wrapped(element, expected)) as 0],
    };
  }
  const answer = accesses.wait(Kind.waitAsync, element, address, expected, Number.isFinite(limit));
  if (answer !== Answer.pending) return { async: false, value: answerTexts[answer as 0] };
  return { async: true, value: promises.make() };
}

/** The value as it would be read back. */
function wrapped(element: Element, value: unknown): unknown {
  return element.isBig ? BigInt.asIntN(64, value as bigint) : (value as number) | 0;
}

/** Memory that no other actor has: nobody can notify. A wait with a limit just passes. */
function privateWait(native: Record<string, Method>, name: string, args: unknown[]): unknown {
  const limit = limitOf(args[3]);
  if (limit === Number.POSITIVE_INFINITY) {
    throw refused(`Atomics.${name} without a limit on memory of its own`, 'no other actor has it');
  }
  return native[name]?.(args[0], args[1], args[2], 0);
}
