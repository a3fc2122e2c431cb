import { type Value, writeValue } from '../abi/bytes.ts';
import { layout, type RecordType, type Target, type Type } from '../abi/index.ts';
import { widthOf } from '../abi/value-check.ts';
import { integerText } from './emit-c.ts';
import { type Leaf, leavesOf } from './leaves.ts';
import { Random } from './random.ts';

/** An object with a value in every member: as an initialiser of C, and as our own views store it. */
export interface Initialised {
  readonly initialiser: string;
  readonly bytes: Uint8Array;
}

/**
 * The same seed gives the same values. Of each union one member has a value. `object` is an object
 * of the type in the source: values are cast to the type that a member has there, so that another
 * one than ours shows in the bytes, and the compiler takes it. Members of types in `hollow` have none.
 * What has no value at all is left out: clang for Windows crashes at some such objects.
 */
export function initialised(
  type: RecordType,
  target: Target,
  seed: number,
  object: string,
  hollow: ReadonlySet<Type> = new Set(),
): Initialised | undefined {
  const random = new Random(seed);
  const { size } = layout(type, target);
  const bytes = new Uint8Array(size);
  const dv = new DataView(bytes.buffer);
  const leaves = leavesOf(type, target, {
    pickMember: (fields) => {
      const usable = fields.filter((field) => field.bitWidth !== 0 && field.size > 0);
      return usable.length > 0 ? [random.pick(usable)] : [];
    },
    isLeftOut: (one) => hollow.has(one),
  });
  if (leaves.length === 0) return undefined;
  const parts = leaves.map((leaf) => {
    const value = valueFor(leaf, random);
    writeValue(dv, 0, leaf.access, value);
    return `.${leaf.path} = ${castFor(leaf, object)}${valueText(leaf, value)}`;
  });
  return { initialiser: `{ ${parts.join(', ')} }`, bytes };
}

function valueFor({ access }: Leaf, random: Random): Value {
  if (access.form === 'bool') return random.chance(70);
  if (access.form === 'float') return (random.below(4096) - 2048) / 2 ** random.below(12);
  const width = widthOf(access);
  const raw = random.wide(width);
  const value = access.form === 'signed' ? BigInt.asIntN(width, raw) : raw;
  return access.value === 'bigint' ? value : Number(value);
}

/**
 * A bit-field has no type that can be named. A cast to what is `_Atomic` is no constant for clang: a comma
 * makes the plain type of it.
 */
function castFor({ path, access }: Leaf, object: string): string {
  return access.bits ? '' : `(__typeof__((0, ${object}.${path})))`;
}

function valueText({ access }: Leaf, value: Value): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (access.form === 'float') return floatText(value as number);
  return `(${integerText(BigInt(value))})`;
}

/** Exact: a small integer over a power of two. */
function floatText(value: number): string {
  return `(${value * 4096}.0 / 4096)`;
}
