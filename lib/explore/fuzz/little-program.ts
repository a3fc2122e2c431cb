import type { Random } from '../../random.ts';
import { Op } from '../access.ts';

/** A place in memory. */
export interface Spot {
  readonly at: number;
  readonly size: number;
}

/** A statement of a random program. `reg` is where its result goes. */
export type Statement =
  | (Spot & { readonly do: 'load'; readonly reg: number; readonly isAtomic: boolean })
  | (Spot & {
      readonly do: 'store';
      readonly value: bigint;
      /** Added to the value, so that what is stored depends on what was read; -1: none. */
      readonly from: number;
      readonly isAtomic: boolean;
    })
  | (Spot & {
      readonly do: 'modify';
      readonly reg: number;
      readonly op: Op;
      readonly value: bigint;
      readonly expected: bigint;
    })
  | (Spot & {
      readonly do: 'wait';
      readonly reg: number;
      readonly expected: bigint;
      readonly isLimited: boolean;
    })
  | (Spot & { readonly do: 'notify'; readonly reg: number; readonly most: number })
  /** Looks until it sees another value. */
  | (Spot & { readonly do: 'await'; readonly value: bigint; readonly isAtomic: boolean })
  /** Looks at two places, until one of them is another value. */
  | (Spot & { readonly do: 'await-two'; readonly value: bigint; readonly other: Spot })
  | { readonly do: 'skip'; readonly reg: number; readonly equals: bigint; readonly count: number }
  | { readonly do: 'throw' };

export interface LittleProgram {
  readonly bytes: number;
  readonly registers: number;
  readonly actors: readonly (readonly Statement[])[];
}

const BYTES = 16;
const REGISTERS = 3;

function below(random: Random, limit: number): number {
  return random() % limit;
}

/** What the generator makes. */
export interface Shape {
  readonly actors: number;
  readonly statements: number;
  readonly waits: boolean;
  readonly loops: boolean;
}

export function randomProgram(random: Random, shape: Shape): LittleProgram {
  const actors = Array.from({ length: shape.actors }, () => {
    const count = 1 + below(random, shape.statements);
    return Array.from({ length: count }, () => statement(random, shape));
  });
  return { bytes: BYTES, registers: REGISTERS, actors };
}

function statement(random: Random, shape: Shape): Statement {
  const reg = below(random, REGISTERS);
  const pick = below(random, shape.waits ? 16 : 11);
  if (pick < 4) return { do: 'load', reg, ...spot(random), isAtomic: below(random, 2) === 0 };
  if (pick < 7) {
    const from = below(random, 3) === 0 ? reg : -1;
    return {
      do: 'store',
      ...spot(random),
      value: small(random),
      from,
      isAtomic: below(random, 2) === 0,
    };
  }
  if (pick < 9) {
    const op = below(random, 7) as Op;
    return {
      do: 'modify',
      reg,
      op,
      ...spot(random),
      value: small(random),
      expected: small(random),
    };
  }
  if (pick === 9) return { do: 'skip', reg, equals: small(random), count: 1 + below(random, 2) };
  if (pick === 10) {
    if (below(random, 12) === 0) return { do: 'throw' };
    if (!shape.loops) return { do: 'load', reg, ...spot(random), isAtomic: true };
    const value = small(random);
    if (below(random, 2) === 0)
      return { do: 'await-two', ...spot(random), value, other: spot(random) };
    return { do: 'await', ...spot(random), value, isAtomic: true };
  }
  if (pick < 14) {
    const isLimited = below(random, 2) === 0;
    return { do: 'wait', reg, at: word(random), size: 4, expected: small(random), isLimited };
  }
  return { do: 'notify', reg, at: word(random), size: 4, most: below(random, 3) - 1 };
}

function small(random: Random): bigint {
  return BigInt(below(random, 3) === 0 ? 0 : below(random, 3));
}

function word(random: Random): number {
  return 4 * below(random, 2);
}

/** Mostly two words, so that actors meet; now and then parts of them, or both at once. */
function spot(random: Random): Spot {
  const pick = below(random, 12);
  if (pick < 9) return { at: word(random), size: 4 };
  if (pick === 9) return { at: below(random, 8), size: 1 };
  if (pick === 10) return { at: 2 * below(random, 4), size: 2 };
  return { at: 0, size: 8 };
}

/** What the operation makes of `old`, in the bits of its size. */
export function combined(op: Op, size: number, old: bigint, by: bigint): bigint {
  const value = {
    [Op.add]: old + by,
    [Op.sub]: old - by,
    [Op.and]: old & by,
    [Op.or]: old | by,
    [Op.xor]: old ^ by,
    [Op.exchange]: by,
    [Op.compareExchange]: by,
  }[op];
  return BigInt.asUintN(size * 8, value);
}

/** A program for people: a line a statement. */
export function shownProgram({ actors }: LittleProgram): string {
  const shown = (_key: string, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value;
  return actors
    .map(
      (all, index) =>
        `  a${index}\n${all.map((one) => `    ${JSON.stringify(one, shown)}\n`).join('')}`,
    )
    .join('');
}
