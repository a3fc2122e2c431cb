import { describe, expect, it } from 'vitest';
import {
  anonymous,
  array,
  bits,
  bool,
  type Field,
  int,
  layout,
  ppc64,
  type StructType,
  struct,
  type Target,
  u16,
  u32,
  u64,
  union,
  x86_64,
} from '../../lib/abi/index.ts';
import { ask } from '../../lib/abi-tools/ask.ts';
import { build } from '../../lib/abi-tools/ask-source.ts';
import { clangFile, compilersFor } from '../../lib/abi-tools/compilers.ts';
import { CEmitter } from '../../lib/abi-tools/emit-c.ts';
import { questionFor } from '../../lib/abi-tools/question.ts';
import { Random } from '../../lib/abi-tools/random.ts';
import { noClang } from './tools.ts';

// How many objects ask a compiler for bit-fields, and that no wrong place is hidden among them.

const reason = await noClang();

type Entry = readonly [name: string, field: Field];

/** Bit-fields of many widths, with padding between them. */
function entries(random: Random, count: number): Entry[] {
  return Array.from({ length: count }, (_, at) => {
    const width = random.below(15) + 1;
    const type = random.pick([u16, u32, int, u64]);
    return [`m${at}`, random.chance(10) ? bits(bool, 1) : bits(type, width)] as const;
  });
}

function wide(list: readonly Entry[]): StructType {
  const inner = struct('', { p: bits(u32, 3), q: bits(u32, 7) });
  const shared = union('', { r: bits(u32, 5), s: bits(u32, 9) });
  const more = { in: array(inner, 2), _u: anonymous(shared) };
  return struct('wide', { ...Object.fromEntries(list), ...more }) as StructType;
}

/** Objects of bit-fields alone. */
function objectsIn(type: StructType, target: Target, isDetailed: boolean): number {
  const source = { prelude: '', questions: [questionFor('struct wide', type, target)] };
  return build(source, target, { isDetailed }).text.match(/_b0_\d+_\d+ = /g)?.length ?? 0;
}

async function answer(header: StructType, ours: StructType, target: Target) {
  const compiler = compilersFor(target.name).find(({ file }) => file === clangFile());
  if (!compiler) throw new Error(`no clang for ${target.name}`);
  const emitter = new CEmitter(target);
  emitter.declareRecord(header);
  const sourceOf = (some: readonly StructType[]) => ({
    prelude: emitter.text,
    questions: some.map((type) => questionFor('struct wide', type, target)),
  });
  const { differences, refusals } = await ask([ours], sourceOf, target, compiler);
  expect(refusals).toEqual([]);
  return differences
    .filter(({ what }) => what.startsWith('bits of m'))
    .map(({ what, ours: own, theirs }) => [what, own, theirs]);
}

/** `3:5` of each field, as layout() has it. */
function places(type: StructType, target: Target): ReadonlyMap<string, string> {
  return new Map(
    layout(type, target).fields.map((one) => [one.name, `${one.bitOffset}:${one.bitWidth}`]),
  );
}

const seed = Date.now() % 2 ** 30;

describe(`objects that tell where bit-fields are (seed ${seed})`, () => {
  it('are as many as their numbers have digits', () => {
    const type = wide(entries(new Random(seed), 1000));
    // 10 digits for a thousand, 2 for an element's two, one for each of the union's.
    expect(objectsIn(type, x86_64, false)).toBe(10 + 2 + 2);
    expect(objectsIn(type, x86_64, true)).toBe(1000 + 2 + 2);
  });

  it.for([x86_64, ppc64])(
    'tell each field that is elsewhere, on $name',
    async (target, { skip }) => {
      if (reason) skip(reason);
      const random = new Random(seed);
      for (let turn = 0; turn < 6; turn++) {
        const list = entries(random, 10 + random.below(60));
        const [from, to] = [random.below(list.length), random.below(list.length)];
        const moved = [...list];
        moved.splice(to, 0, ...moved.splice(from, 1));
        const [header, ours] = [wide(list), wide(moved)];
        const [theirs, own] = [places(header, target), places(ours, target)];
        const wanted = list.flatMap(([name]) => {
          const [left, right] = [own.get(name), theirs.get(name)];
          return left === right ? [] : [[`bits of ${name}`, left, right]];
        });
        const found = await answer(header, ours, target);
        const sorted = (all: (string | undefined)[][]) => all.map((one) => one.join(' ')).sort();
        expect(sorted(found)).toEqual(sorted(wanted));
        expect(await answer(header, header, target)).toEqual([]);
      }
    },
  );
});
