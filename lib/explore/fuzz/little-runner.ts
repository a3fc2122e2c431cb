import { type Access, Kind, LOAD, Op, Order } from '../access.ts';
import { type ActorRunner, DecisionTrees } from '../decision-trees.ts';
import { type Port, Stopped } from '../port.ts';
import type { Program } from '../program.ts';
import type { LittleProgram, Spot, Statement } from './little-program.ts';

/** A random program as it is explored: its actors run against ports, and an arbiter looks at `finals`. */
export function exploredProgram(
  little: LittleProgram,
  finals: readonly Spot[] = eachByte(little),
): Program {
  const actors = little.actors.map((_, index) => `a${index}`);
  const runners = little.actors.map((statements, index) =>
    runnerFor(`a${index}`, statements, little.registers),
  );
  const trees = new DecisionTrees(runners);
  return {
    name: 'random',
    trees,
    actors,
    memory: new Uint8Array(little.bytes),
    outcome(ends, memory) {
      const port = memory();
      const registers = [...ends].map((end) =>
        Array.from({ length: little.registers }, (_, reg) => {
          const { lo, hi } = trees.registers(end).get(reg) ?? { lo: 0, hi: 0 };
          return joined(lo, hi);
        }).join(' '),
      );
      const final = finals.map((spot) => {
        port.access({ ...plain, address: spot.at, size: spot.size });
        return joined(port.lo, port.hi);
      });
      return `${registers.join('; ')} | ${final.join(' ')}`;
    },
  };
}

function eachByte({ bytes }: LittleProgram): readonly Spot[] {
  return Array.from({ length: bytes }, (_, at) => ({ at, size: 1 }));
}

function runnerFor(name: string, statements: readonly Statement[], count: number): ActorRunner {
  return {
    name,
    run(port) {
      try {
        const registers = new Array<bigint>(count).fill(0n);
        runAll(statements, port, registers);
        for (const [reg, value] of registers.entries()) port.registers.set(reg, split(value));
        return {};
      } catch (error) {
        if (error instanceof Stopped) return {};
        return { threw: (error as Error).message };
      }
    },
  };
}

function runAll(statements: readonly Statement[], port: Port, registers: bigint[]): void {
  for (let at = 0; at < statements.length; at++) {
    const one = statements[at] as Statement;
    if (one.do === 'throw') throw new Error('thrown');
    if (one.do === 'skip') {
      if (registers[one.reg] === one.equals) at += one.count;
    } else runOne(one, port, registers);
  }
}

function runOne(
  one: Exclude<Statement, { do: 'throw' | 'skip' }>,
  port: Port,
  registers: bigint[],
) {
  const make = (kind: Kind, more: Partial<Access>) => {
    port.access({ ...plain, kind, address: one.at, size: one.size, ...more });
    return joined(port.lo, port.hi);
  };
  switch (one.do) {
    case 'load':
      registers[one.reg] = make(Kind.load, { order: orderOf(one.isAtomic) });
      break;
    case 'store': {
      const value = one.from < 0 ? one.value : one.value + (registers[one.from] as bigint);
      make(Kind.store, { order: orderOf(one.isAtomic), ...cut(value, one) });
      break;
    }
    case 'modify': {
      const by = { op: one.op, order: Order.seqCst, ...cut(one.value, one) };
      const { lo, hi } = one.op === Op.compareExchange ? cut(one.expected, one) : { lo: 0, hi: 0 };
      registers[one.reg] = make(Kind.modify, { ...by, expectedLo: lo, expectedHi: hi });
      break;
    }
    case 'wait': {
      const { lo } = cut(one.expected, one);
      const how = { order: Order.seqCst, expectedLo: lo, isLimited: one.isLimited };
      registers[one.reg] = make(Kind.wait, how);
      break;
    }
    case 'notify':
      registers[one.reg] = make(Kind.notify, { order: Order.seqCst, lo: one.most });
      break;
    case 'await-two':
      while (
        make(Kind.load, {}) === one.value &&
        make(Kind.load, { address: one.other.at, size: one.other.size }) === one.value
      );
      break;
    default:
      while (make(Kind.load, { order: orderOf(one.isAtomic) }) === one.value);
  }
}

const plain: Access = { ...LOAD, type: 'u32' };

function orderOf(isAtomic: boolean): Order {
  return isAtomic ? Order.seqCst : Order.plain;
}

function cut(value: bigint, { size }: Spot) {
  return split(BigInt.asUintN(size * 8, value));
}

function split(value: bigint): { readonly lo: number; readonly hi: number } {
  const bits = BigInt.asUintN(64, value);
  return { lo: Number(bits & 0xffff_ffffn) | 0, hi: Number(bits >> 32n) | 0 };
}

function joined(lo: number, hi: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}
