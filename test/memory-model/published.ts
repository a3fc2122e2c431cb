import type { Access } from '../../lib/explore/index.ts';
import {
  DecisionTrees,
  Kind,
  LOAD,
  Op,
  Order,
  type Program,
  Stopped,
} from '../../lib/explore/index.ts';
import { type ModelFound, modelOf } from '../../lib/explore/model/model.ts';
import type { Port } from '../../lib/explore/port.ts';

/** How programs of the literature are written down here: loads, stores and exchanges of bytes. */
export class Memory {
  readonly #port: Port;

  constructor(port: Port) {
    this.#port = port;
  }

  load(address: number, size: number, tears = false): number {
    return this.#make(Kind.load, Order.plain, { address, size, tears });
  }

  atomicLoad(address: number, size: number): number {
    return this.#make(Kind.load, Order.seqCst, { address, size });
  }

  store(address: number, size: number, lo: number, tears = false): void {
    this.#make(Kind.store, Order.plain, { address, size, lo, tears });
  }

  atomicStore(address: number, size: number, lo: number): void {
    this.#make(Kind.store, Order.seqCst, { address, size, lo });
  }

  exchange(address: number, size: number, lo: number): number {
    return this.#make(Kind.modify, Order.seqCst, { address, size, lo, op: Op.exchange });
  }

  add(address: number, size: number, lo: number): number {
    return this.#make(Kind.modify, Order.seqCst, { address, size, lo, op: Op.add });
  }

  #make(kind: Access['kind'], order: Access['order'], more: Partial<Access>): number {
    this.#port.access({ ...NOTHING, kind, order, ...more });
    return this.#port.lo;
  }
}

const NOTHING: Access = { ...LOAD, size: 1, type: 'u32' };

/** An agent's code: what it returns is its part of the outcome. */
export type Agent = (memory: Memory) => readonly number[];

/** Reads what is left when all agents have ended. */
export type Final = (memory: Memory) => readonly number[];

const BYTES = 32;

export function programOf(agents: readonly Agent[], final: Final = () => []): Program {
  const names = agents.map((_, index) => `t${index + 1}`);
  const runners = agents.map((agent, index) => ({
    name: names[index] as string,
    run(port: Port) {
      try {
        const values = agent(new Memory(port));
        for (const [register, lo] of values.entries()) port.registers.set(register, { lo, hi: 0 });
        return {};
      } catch (error) {
        if (error instanceof Stopped) return {};
        throw error;
      }
    },
  }));
  const trees = new DecisionTrees(runners);
  return {
    name: 'published',
    trees,
    actors: names,
    memory: new Uint8Array(BYTES),
    outcome(ends, memory) {
      const values = [...ends].flatMap((end) => [...trees.registers(end).values()]);
      const left = final(new Memory(memory() as Port));
      return [...values.map(({ lo }) => lo), ...left].join(' ');
    },
  };
}

/** The axioms are asked although nobody has looked for a race. */
const RACING = { race: { first: 0, second: 0 }, isComplete: false, ends: [] } as const;

/** All outcomes that the model allows, and how that was found out; if asked for, by the axioms. */
export function allowed(agents: readonly Agent[], final?: Final, byAxioms = false) {
  const program = programOf(agents, final);
  const limits = { maxStates: 100_000 };
  const found: ModelFound = byAxioms ? modelOf(program, limits, RACING) : modelOf(program, limits);
  const outcomes = found.ends.map(({ text }) => text).sort();
  return { outcomes, by: found.by, isComplete: found.isComplete };
}
