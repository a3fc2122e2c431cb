import type { Registers } from '../scenario/index.ts';
import { outcomeText } from '../scenario/outcome.ts';
import { compile } from './compile.ts';
import { type Arrays, type ValueSource, valueSource } from './value-source.ts';

/** Cells of the table that counts outcomes of small values without making texts of them. */
const MAX_CELL_BITS = 16;
const MAX_BITS = 6;

/** Bits of a register in a cell's number; it stands for the values from -1 up. */
function bitsFor(registers: number): number {
  return Math.min(MAX_BITS, Math.floor(MAX_CELL_BITS / registers));
}

export function cellCount(registers: Registers): number {
  const count = Object.keys(registers).length;
  return 2 ** (bitsFor(count) * count);
}

/** Counts the outcome of state `index`. */
export type CountOutcome = (index: number) => void;

export interface Register {
  readonly source: ValueSource;
  /** First element of the register's array. */
  readonly first: number;
}

export function registersOf(types: Registers, offsets: readonly number[]): readonly Register[] {
  return Object.values(types).map((type, index) => {
    const source = valueSource(type) as ValueSource;
    return { source, first: (offsets[index] ?? 0) >> source.shift };
  });
}

/**
 * Small whole numbers are counted in `cells`, which the trial's process can read also when this
 * thread is stuck; all else by its text, in `rare`.
 */
export function outcomeCounter(
  registers: readonly Register[],
  arrays: Arrays,
  cells: Float64Array,
  rare: Map<string, number>,
  onFirst: OnFirst,
): CountOutcome {
  const first: CountOutcome = (index) => onFirst(outcomeAt(registers, arrays, index), index);
  const countRare: CountOutcome = (index) => {
    const text = outcomeAt(registers, arrays, index);
    const before = rare.get(text) ?? 0;
    rare.set(text, before + 1);
    if (before === 0) onFirst(text, index);
  };
  if (!registers.every(isSmall)) return countRare;
  const made = compile(counterSource(registers), { arrays, cells, countRare, first });
  const parts = { registers, arrays, cells, countRare, first };
  return (made as CountOutcome | undefined) ?? slowCounter(parts);
}

/** Called when an outcome is counted for the first time since its count was 0. */
export type OnFirst = (outcome: string, index: number) => void;

/** Floats and 64-bit values have no cells: -0, halves and bigints would need a look at each. */
function isSmall({ source }: Register): boolean {
  return source.value !== 'bigint' && !source.array.startsWith('f');
}

function counterSource(registers: readonly Register[]): string {
  const bits = bitsFor(registers.length);
  // not `+ 1 | 0`: the largest u32 would wrap to the cell of -1
  const steps = registers.map(
    ({ source, first }, n) => `
    const v${n} = ${source.array}[i + ${first}];
    if (!(v${n} >= -1 && v${n} < ${2 ** bits - 1})) return countRare(i);
    cell |= (v${n} + 1) << ${n * bits};`,
  );
  const used = [...new Set(registers.map(({ source }) => source.array))];
  return `(() => {
    const { ${used.join(', ')} } = arrays;
    return (i) => { let cell = 0; ${steps.join('')} if ((cells[cell] += 1) === 1) first(i); };
  })()`;
}

interface CounterParts {
  readonly registers: readonly Register[];
  readonly arrays: Arrays;
  readonly cells: Float64Array;
  readonly countRare: CountOutcome;
  readonly first: CountOutcome;
}

function slowCounter({ registers, arrays, cells, countRare, first }: CounterParts): CountOutcome {
  const bits = bitsFor(registers.length);
  return (index) => {
    let cell = 0;
    for (const [n, { source, first: at }] of registers.entries()) {
      const value = Number(arrays[source.array][index + at]) + 1;
      if (value < 0 || value >= 2 ** bits) return countRare(index);
      cell |= value << (n * bits);
    }
    const count = (cells[cell] ?? 0) + 1;
    cells[cell] = count;
    if (count === 1) first(index);
  };
}

/** The outcome of state `index`, as tables show it. */
export function outcomeAt(registers: readonly Register[], arrays: Arrays, index: number): string {
  return outcomeText(
    registers.map(({ source, first }) => shown(source, arrays[source.array][index + first])),
  );
}

function shown(source: ValueSource, raw: unknown): unknown {
  return source.value === 'boolean' ? raw !== 0 : raw;
}

/** The counts of all cells, by the outcomes' texts. */
export function cellTexts(
  registers: readonly Register[],
  cells: Float64Array,
): Record<string, number> {
  const bits = bitsFor(registers.length);
  const counts: Record<string, number> = {};
  for (let cell = 0; cell < cells.length; cell++) {
    const count = cells[cell] as number;
    if (count === 0) continue;
    const values = registers.map(({ source }, n) =>
      shown(source, ((cell >> (n * bits)) & (2 ** bits - 1)) - 1),
    );
    counts[outcomeText(values)] = count;
  }
  return counts;
}
