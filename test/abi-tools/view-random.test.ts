import { expect, test } from 'vitest';
import { readValue, writeValue } from '../../lib/abi/bytes.ts';
import {
  array,
  cursor,
  layout,
  type RecordType,
  type Target,
  targets,
  type ViewArray,
  view,
} from '../../lib/abi/index.ts';
import { widthOf } from '../../lib/abi/value-check.ts';
import { TypeMaker } from '../../lib/abi-tools/fuzz-types.ts';
import { type Leaf, leavesOf } from '../../lib/abi-tools/leaves.ts';
import { Random } from '../../lib/abi-tools/random.ts';

// bytes.ts is what compilers' initialised objects were compared with; views must do the same.

type Loose = Record<string, unknown>;

function reach(one: unknown, path: string): { holder: Loose; key: string } {
  const steps = path.match(/[^.[\]]+/g) ?? [];
  const key = steps.pop() ?? '';
  return { holder: steps.reduce((at, step) => at[step] as Loose, one as Loose), key };
}

function valueFor({ access }: Leaf, random: Random): unknown {
  if (access.form === 'bool') return random.chance(50);
  if (access.form === 'float') return random.below(1000) / 8;
  const raw = random.wide(widthOf(access));
  const value = access.form === 'signed' ? BigInt.asIntN(widthOf(access), raw) : raw;
  return access.value === 'bigint' ? value : Number(value);
}

/** Random bytes, and a copy of them that views do not see. */
function memory(size: number, random: Random) {
  const plain = new Uint8Array(size);
  plain.forEach((_, index) => {
    plain[index] = random.below(256);
  });
  const shared = new SharedArrayBuffer(size);
  new Uint8Array(shared).set(plain);
  return { shared, plain };
}

/** Reads and writes each member of the struct at `at` through the view and byte by byte. */
function compareMembers(
  one: unknown,
  dv: DataView,
  at: number,
  { type, target, random }: { type: RecordType; target: Target; random: Random },
): void {
  for (const leaf of leavesOf(type, target)) {
    const { holder, key } = reach(one, leaf.path);
    const where = `${type.name}.${leaf.path} on ${target.name} at ${at}`;
    expect([where, holder[key]]).toEqual([where, readValue(dv, at, leaf.access)]);
    const value = valueFor(leaf, random);
    holder[key] = value;
    writeValue(dv, at, leaf.access, value);
    expect([where, holder[key]]).toEqual([where, value]);
  }
}

function compare(type: RecordType, target: Target, at: number, random: Random): void {
  const { shared, plain } = memory(at + layout(type, target).size, random);
  const dv = new DataView(plain.buffer);
  compareMembers(view(type, target, shared, at), dv, at, { type, target, random });
  expect(Buffer.from(shared).equals(Buffer.from(plain.buffer))).toBe(true);
}

/** As compare(), with a view that moves over three of them; false where there can be none. */
function compareMoving(type: RecordType, target: Target, at: number, random: Random): boolean {
  const { size } = layout(type, target);
  const { shared, plain } = memory(at + 3 * size, random);
  const dv = new DataView(plain.buffer);
  const rows = view(array(type, 3), target, shared, at) as ViewArray<object>;
  const made = cursorOver(rows);
  if (!made) return false;
  const [row, move] = made;
  for (const index of [0, 2, 1]) {
    expect(move(index)).toBe(row);
    compareMembers(row, dv, at + index * size, { type, target, random });
  }
  expect(Buffer.from(shared).equals(Buffer.from(plain.buffer))).toBe(true);
  return true;
}

function cursorOver(rows: ViewArray<object>) {
  try {
    return cursor(rows);
  } catch (error) {
    expect((error as Error).message).toMatch('has no length of its own');
    return undefined;
  }
}

test('views of 120 random structs on each target, aligned and not', { timeout: 240_000 }, () => {
  const all: readonly Target[] = Object.values(targets);
  const random = new Random(77);
  const maker = new TypeMaker(random, all);
  let moving = 0;
  for (let count = 0; count < 120; count++) {
    const type = maker.record();
    for (const target of all) {
      for (const at of [0, 8, 3]) compare(type, target, at, random);
      for (const at of [0, 3]) moving += compareMoving(type, target, at, random) ? 1 : 0;
    }
  }
  expect(moving).toBeGreaterThan(1000);
});
