import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bool, i8, i16, i32, i64, u8, u16, u32, u64 } from '../../lib/abi/index.ts';
import type { Registers } from '../../lib/scenario/index.ts';
import { outcomeText } from '../../lib/scenario/outcome.ts';
import {
  cellCount,
  cellTexts,
  outcomeCounter,
  registersOf,
} from '../../lib/stress/outcome-counter.ts';
import { arraysOver } from '../../lib/stress/value-source.ts';

/** Each type, and its values: the edges, and those around the cells' edges. */
const integers = (least: number, most: number) =>
  fc.oneof(
    fc.constantFrom(
      ...[least, most, -2, -1, 0, 1, 2, 3, 14, 15, 30, 31, 62, 63, 64].filter(
        (one) => one >= least && one <= most,
      ),
    ),
    fc.integer({ min: least, max: most }),
  );
const KINDS = [
  [u8, integers(0, 255)],
  [i8, integers(-128, 127)],
  [u16, integers(0, 0xffff)],
  [i16, integers(-0x8000, 0x7fff)],
  [u32, integers(0, 0xffff_ffff)],
  [i32, integers(-0x8000_0000, 0x7fff_ffff)],
  [bool, fc.boolean()],
  [u64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  [i64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
] as const;

const register = fc
  .constantFrom(...KINDS)
  .chain(([type, value]) =>
    fc.record({ type: fc.constant(type), value: value as fc.Arbitrary<unknown> }),
  );

/** How the outcome of one state is told that was counted once. */
function counted(
  registers: readonly { readonly type: unknown; readonly value: unknown }[],
): string[] {
  const types = Object.fromEntries(registers.map(({ type }, i) => [`r${i}`, type])) as Registers;
  const placed = registersOf(
    types,
    registers.map((_, i) => 8 * i),
  );
  const arrays = arraysOver(new SharedArrayBuffer(8 * registers.length));
  placed.forEach(({ source, first }, i) => {
    const { value } = registers[i] as { readonly value: unknown };
    arrays[source.array][first] = (typeof value === 'boolean' ? Number(value) : value) as never;
  });
  const cells = new Float64Array(cellCount(types));
  const rare = new Map<string, number>();
  outcomeCounter(placed, arrays, cells, rare, () => undefined)(0);
  return [...Object.keys(cellTexts(placed, cells)), ...rare.keys()];
}

test('an outcome is told as its values are, whether it has a cell or not', () => {
  fc.assert(
    fc.property(fc.array(register, { minLength: 1, maxLength: 4 }), (registers) => {
      expect(counted(registers)).toEqual([outcomeText(registers.map(({ value }) => value))]);
    }),
    { numRuns: 2000 },
  );
});

test('the largest u32 is not -1', () => {
  expect(counted([{ type: u32, value: 0xffff_ffff }])).toEqual(['4294967295']);
});
