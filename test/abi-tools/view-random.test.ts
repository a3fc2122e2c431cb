import { expect, test } from 'vitest';
import { readValue, writeValue } from '../../lib/abi/bytes.ts';
import { layout, type RecordType, type Target, targets, view } from '../../lib/abi/index.ts';
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

function compare(type: RecordType, target: Target, at: number, random: Random): void {
  const { size } = layout(type, target);
  const ours = new SharedArrayBuffer(at + size);
  const plain = new Uint8Array(at + size);
  plain.forEach((_, index) => {
    plain[index] = random.below(256);
  });
  new Uint8Array(ours).set(plain);
  const dv = new DataView(plain.buffer);
  const one = view(type, target, ours, at);
  for (const leaf of leavesOf(type, target)) {
    const { holder, key } = reach(one, leaf.path);
    const where = `${type.name}.${leaf.path} on ${target.name} at ${at}`;
    expect([where, holder[key]]).toEqual([where, readValue(dv, at, leaf.access)]);
    const value = valueFor(leaf, random);
    holder[key] = value;
    writeValue(dv, at, leaf.access, value);
    expect([where, holder[key]]).toEqual([where, value]);
  }
  expect(Buffer.from(ours).equals(Buffer.from(plain.buffer))).toBe(true);
}

test('views of 120 random structs on each target, aligned and not', { timeout: 240_000 }, () => {
  const all: readonly Target[] = Object.values(targets);
  const random = new Random(77);
  const maker = new TypeMaker(random, all);
  for (let count = 0; count < 120; count++) {
    const type = maker.record();
    for (const target of all) for (const at of [0, 8, 3]) compare(type, target, at, random);
  }
});
