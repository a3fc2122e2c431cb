import { byteOf, equalRanges, hasByte } from '../../memory-model/index.ts';

/** Something that a read may read from: a write of an actor, with one of the values it may write. */
export interface Written {
  readonly address: number;
  readonly size: number;
  readonly noTear: boolean;
  readonly lo: number;
  readonly hi: number;
}

export interface Value {
  readonly lo: number;
  readonly hi: number;
}

type Read = Omit<Written, 'lo' | 'hi'>;

/** More values of one read than these are not listed. */
const MOST_VALUES = 70_000;

/** Why a search ended: with more time it would go on. */
export const OUT_OF_TIME = 'the time was over';

/** There are too many executions to look at each. */
export class TooManyExecutions extends Error {}

/**
 * The values that a read can have of these writes, as far as tearing goes: bytes of writes of other
 * ranges or of such as tear, and of at most one write of its own range that does not.
 */
export function readableValues(read: Read, writes: readonly Written[]): readonly Value[] {
  const whole = writes.filter((write) => isWhole(read, write));
  const values = new Map<string, Value>();
  const parts = Array.from({ length: read.size }, (_, index) =>
    bytesOf(
      writes.filter((write) => !isWhole(read, write)),
      read.address + index,
    ),
  );
  for (const one of [undefined, ...whole]) addMixed(read, one, parts, values);
  return [...values.values()];
}

/** Whether a read of this write's range may have bytes of this one and no other of its kind. */
export function isWhole(read: Read, write: Read): boolean {
  return read.noTear && write.noTear && equalRanges(read, write);
}

function bytesOf(writes: readonly Written[], address: number): number[] {
  const bytes = new Set<number>();
  for (const write of writes) {
    if (hasByte(write, address)) bytes.add(byteOf(write.lo, write.hi, address - write.address));
  }
  return [...bytes];
}

function addMixed(
  { size }: Read,
  whole: Written | undefined,
  parts: readonly (readonly number[])[],
  into: Map<string, Value>,
): void {
  const choices = parts.map((bytes, index) =>
    whole ? [...new Set([byteOf(whole.lo, whole.hi, index), ...bytes])] : bytes,
  );
  const words = [0, 0];
  const choose = (index: number): void => {
    if (index === size) {
      const [lo = 0, hi = 0] = words;
      into.set(`${lo} ${hi}`, { lo, hi });
      if (into.size > MOST_VALUES) throw new TooManyExecutions('a read has too many values');
      return;
    }
    const [word, shift] = [index >> 2, (index & 3) * 8];
    const before = words[word] as number;
    for (const byte of choices[index] as readonly number[]) {
      words[word] = before | (byte << shift);
      choose(index + 1);
    }
    words[word] = before;
  };
  choose(0);
}
