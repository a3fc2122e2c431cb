import type { Traits as CallTraits, Hint, Slot } from '../loop/index.ts';
import type { ArgsOf, Encoder, Param } from './call-types.ts';

import type { Result } from './results.ts';

/** What the wrappers of a call are made from. */
export interface Definition<A extends readonly unknown[] = readonly unknown[], R = unknown>
  extends CallTraits {
  readonly name: string;
  readonly nr: number;
  /** Names of the parameters, for the docs. */
  readonly params: readonly string[];
  readonly encoders: readonly Encoder[];
  readonly result: Result<R>;
  /** Registers with a value that is no argument, and memory for the result. */
  readonly prepare: ((slot: Slot) => void) | undefined;
  /** For the compiler alone. */
  readonly args?: A;
}

export interface Traits {
  /** Registers with constants. */
  readonly fixed?: Readonly<Record<number, number>>;
  /** A non-blocking variant of the call. */
  readonly hint?: Hint;
  /** It waits for what others do: default false. */
  readonly waits?: boolean;
  /** EINTR leaves nothing of the call behind, so that it can be made again later: default, it may. */
  readonly repeats?: (slot: Slot) => boolean;
}

/** A row of the table: parameters take the registers that are left, in order. */
export function define<const P extends readonly Param[], R>(
  name: string,
  nr: number,
  params: P,
  result: Result<R>,
  traits: Traits = {},
): Definition<ArgsOf<P>, R> {
  const fixed = traits.fixed ?? {};
  return {
    name,
    nr,
    params: params.map((one) => one.name),
    encoders: encodersOf(params, new Set(reserved(fixed, result))),
    result,
    prepare: prepareOf(Object.entries(fixed), result.prepare),
    hint: traits.hint,
    waits: traits.waits ?? false,
    repeats: traits.repeats,
  };
}

function reserved(fixed: object, result: Result<unknown>): number[] {
  const registers = Object.keys(fixed).map(Number);
  return result.register === undefined ? registers : [...registers, result.register];
}

function encodersOf(params: readonly Param[], taken: ReadonlySet<number>): Encoder[] {
  let next = 0;
  return params.map((param) => {
    while (taken.has(next)) next++;
    const at = next;
    next += param.registers;
    return param.encoder(at);
  });
}

function prepareOf(
  fixed: readonly [string, number][],
  prepare: ((slot: Slot) => void) | undefined,
): ((slot: Slot) => void) | undefined {
  if (fixed.length === 0) return prepare;
  return (slot) => {
    for (const [register, value] of fixed) slot.setInt(Number(register), value);
    prepare?.(slot);
  };
}
