import { type Access, Kind, Op } from '../access.ts';
import { modified } from '../modify.ts';
import type { Value, Written } from './writes.ts';

/** An access on a path: its node, and the value that it has read or will have written. */
export interface Step extends Written {
  /** 0 for one of the arbiter's. */
  readonly node: number;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly read: Value;
}

/** One way through an actor's tree, from its root to an end. */
export interface Path {
  readonly steps: readonly Step[];
  readonly end: number;
}

const NOTHING = { lo: 0, hi: 0 };

/** What an access comes to where it reads this value. A compareExchange that fails only reads. */
export function stepOf(access: Access, node: number, read: Value): Step {
  const { address, size, tears, kind } = access;
  const reads = kind !== Kind.store;
  const writes = kind === Kind.store || (kind === Kind.modify && !isRefused(access, read));
  const written = writes ? valueWritten(access, read) : NOTHING;
  return { node, address, size, noTear: !tears, read, reads, writes, ...written };
}

function isRefused({ op, expectedLo, expectedHi }: Access, { lo, hi }: Value): boolean {
  return op === Op.compareExchange && (lo !== expectedLo || hi !== expectedHi);
}

function valueWritten({ kind, op, size, lo, hi }: Access, read: Value): Value {
  if (kind === Kind.store) return { lo, hi };
  const made = { lo: 0, hi: 0 };
  modified(op, size, read.lo, read.hi, lo, hi, made);
  return made;
}

/** The value in memory at an address. */
export function memoryValue(memory: Uint8Array, address: number, size: number): Value {
  let [lo, hi] = [0, 0];
  for (let index = 0; index < size; index++) {
    const byte = memory[address + index] as number;
    if (index < 4) lo |= byte << (index * 8);
    else hi |= byte << ((index - 4) * 8);
  }
  return { lo, hi };
}
