/** The [[Order]] of an event. `init` is the zeroed memory, or what was set up before all agents. */
export const Order = { init: 0, unordered: 1, seqCst: 2 } as const;
export type Order = (typeof Order)[keyof typeof Order];

/**
 * A Shared Data Block event (ECMA-262, 29.1). Values are raw bytes in the order of memory, as two
 * little-endian words. A failed compareExchange reads only.
 */
export interface MemoryEvent {
  /** The agent whose event it is; of init events -1. */
  readonly agent: number;
  readonly order: Order;
  readonly address: number;
  readonly size: number;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly noTear: boolean;
  /** The chosen value of a read. */
  readonly readLo: number;
  readonly readHi: number;
  readonly writtenLo: number;
  readonly writtenHi: number;
}

type Range = Pick<MemoryEvent, 'address' | 'size'>;

export function equalRanges(a: Range, b: Range): boolean {
  return a.address === b.address && a.size === b.size;
}

export function overlappingRanges(a: Range, b: Range): boolean {
  return a.address < b.address + b.size && b.address < a.address + a.size;
}

export function hasByte({ address, size }: Range, byte: number): boolean {
  return address <= byte && byte < address + size;
}

/** Byte number `index` of a value. */
export function byteOf(lo: number, hi: number, index: number): number {
  return index < 4 ? (lo >>> (index * 8)) & 255 : (hi >>> ((index - 4) * 8)) & 255;
}

/** What a write has put at an address. */
export function writtenByte({ address, writtenLo, writtenHi }: MemoryEvent, byte: number): number {
  return byteOf(writtenLo, writtenHi, byte - address);
}
