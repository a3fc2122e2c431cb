import { type MemoryEvent, Order } from '../../memory-model/index.ts';
import { type Access, Order as AccessOrder, Kind } from '../access.ts';
import type { DecisionTrees } from '../decision-trees.ts';
import { memoryValue, type Path, type Step } from './step.ts';

/** The event of a step: of an actor's, or of the arbiter's. */
export function eventOf(step: Step, agent: number, order: AccessOrder): MemoryEvent {
  const { address, size, noTear, reads, writes, read, lo, hi } = step;
  return {
    agent,
    order: order === AccessOrder.seqCst ? Order.seqCst : Order.unordered,
    address,
    size,
    reads,
    writes,
    noTear,
    readLo: read.lo,
    readHi: read.hi,
    writtenLo: lo,
    writtenHi: hi,
  };
}

/**
 * The zeroed or set up memory, as a write of the very range that is read. By the letter it is
 * written byte by byte, and then even one aligned read of zeroes could tear.
 */
export function initEvent(memory: Uint8Array, address: number, size: number): MemoryEvent {
  const { lo, hi } = memoryValue(memory, address, size);
  const value = { readLo: 0, readHi: 0, writtenLo: lo, writtenHi: hi };
  const isWrite = { reads: false, writes: true, noTear: true };
  return { agent: -1, order: Order.init, address, size, ...isWrite, ...value };
}

/** All events of actors that went these ways, behind init events of all ranges that they read. */
export function eventsOf(
  trees: DecisionTrees,
  memory: Uint8Array,
  chosen: readonly Path[],
): MemoryEvent[] {
  const steps = chosen.flatMap((path) => path.steps).filter(({ reads }) => reads);
  const ranges = new Map(steps.map((step) => [`${step.address} ${step.size}`, step]));
  const inits = [...ranges.values()].map(({ address, size }) => initEvent(memory, address, size));
  const events = chosen.flatMap((path, agent) =>
    path.steps.map((step) => eventOf(step, agent, trees.isSeqCst[step.node] as AccessOrder)),
  );
  return [...inits, ...events];
}

/** Whether an access reads, for those of the arbiter. */
export function isReading({ kind }: Access): boolean {
  return kind === Kind.load || kind === Kind.modify;
}
