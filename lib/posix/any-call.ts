import { checkInteger, checkWide, expected } from '../check.ts';
import { type Argument, type CallName, callName, callNumber } from '../kernel/index.ts';
import { Loop, lengthOf, type Slot } from '../loop/index.ts';
import { SocketAddress } from './address.ts';
import type { MaybePromise, SysOptions } from './call-types.ts';
import { type Definition, define } from './define.ts';
import { storePath } from './paths.ts';
import { number } from './results.ts';
import { execute, executeSync, promised } from './wrapper.ts';

/** An argument: what a register holds, memory, a path, or no address. */
export type AnyArgument = Argument | string | null | { readonly bytes: ArrayBufferView };
export type AnyCallArguments =
  | readonly [...AnyArgument[]]
  | readonly [...AnyArgument[], SysOptions];

const REGISTERS = 6;
const definitions = new Map<number, Definition<readonly unknown[], number>>();

/** Any system call; the last argument may be options. */
export interface AnyCall {
  (nr: CallName | number, ...args: (AnyArgument | SysOptions)[]): MaybePromise<number>;
  sync(nr: CallName | number, ...args: AnyArgument[]): number;
  async(nr: CallName | number, ...args: (AnyArgument | SysOptions)[]): Promise<number>;
}

function definitionOf(call: CallName | number): Definition<readonly unknown[], number> {
  const nr = callNumber(call);
  const known = definitions.get(nr);
  if (known !== undefined) return known;
  const made = define(callName(nr), nr, [], number) as Definition<readonly unknown[], number>;
  definitions.set(nr, made);
  return made;
}

function store(slot: Slot, args: readonly unknown[]): void {
  checkInteger('the number of arguments', args.length, 0, REGISTERS);
  // those that are not given are 0; `undefined` is mostly a misspelt constant
  for (let i = 0; i < REGISTERS; i++) storeOne(slot, i, i < args.length ? args[i] : null);
}

function storeOne(slot: Slot, at: number, value: unknown): void {
  const name = `argument ${at}`;
  if (value === null) slot.setInt(at, 0);
  else if (typeof value === 'number') {
    slot.setNumber(at, checkInteger(name, value, -(2 ** 53 - 1), 2 ** 53 - 1));
  } else if (typeof value === 'bigint') slot.setBig(at, checkWide(name, value));
  else if (typeof value === 'string') storePath(slot, at, name, value);
  else storeMemory(slot, at, name, value as ArrayBufferView | { bytes: ArrayBufferView });
}

function storeMemory(
  slot: Slot,
  at: number,
  name: string,
  value: ArrayBufferView | { readonly bytes: ArrayBufferView },
): void {
  if (value instanceof SocketAddress) {
    throw new TypeError(`${name} is a SocketAddress: give its storage, and its length after it`);
  }
  const memory = ArrayBuffer.isView(value) ? value : value?.bytes;
  if (!ArrayBuffer.isView(memory)) {
    throw new TypeError(expected(name, value, 'a number, a bigint, a path, memory or null'));
  }
  slot.setView(at, memory, name);
  lengthOf(memory, name); // throws for one that is detached
}

/** Splits off options: a last argument that is neither memory nor a value. */
function split(args: readonly unknown[]): [readonly unknown[], SysOptions | undefined] {
  const last = args.at(-1);
  const isOptions =
    typeof last === 'object' &&
    last !== null &&
    !ArrayBuffer.isView(last) &&
    !('bytes' in last) &&
    !(last instanceof SocketAddress);
  return isOptions ? [args.slice(0, -1), last as SysOptions] : [args, undefined];
}

function maybe(call: CallName | number, ...given: unknown[]): MaybePromise<number> {
  const definition = definitionOf(call);
  const [args, options] = split(given);
  const loop = Loop.current();
  const slot = loop.next().begin(definition.nr);
  try {
    store(slot, args);
    return execute(loop, slot, definition, options);
  } finally {
    loop.done(slot);
  }
}

function sync(call: CallName | number, ...args: unknown[]): number {
  const definition = definitionOf(call);
  const loop = Loop.current();
  const slot = loop.waited.take().begin(definition.nr);
  try {
    store(slot, args);
    return executeSync(loop, slot, definition);
  } finally {
    loop.waited.give(slot);
  }
}

export const anyCall: AnyCall = Object.freeze(
  Object.assign(maybe, {
    sync,
    async: (...args: Parameters<typeof maybe>) => promised(() => maybe(...args)),
  }),
) as AnyCall;
