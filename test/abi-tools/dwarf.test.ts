import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Field, layout, type Target, type Type, targets } from '../../lib/abi/index.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { importBinary, openBinary } from '../../lib/abi-tools/import-binary.ts';
import { elfTargets, expectSame, objectFor, randomSource, whyNo } from './binaries.ts';
import { noClang } from './tools.ts';

/** DWARF that compilers wrote, against layout(). */

const folder = mkdtempSync(join(tmpdir(), 'syslets-dwarf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const reason = await noClang();

describe('DWARF of random structs', () => {
  const seed = Number(process.env.SYSLETS_SEED ?? Date.now() % 2 ** 32);
  const all = elfTargets.flatMap((target) =>
    [4, 5].map((version) => ({ target, name: target.name, version })),
  );

  it.for(all)(`$version for $name is what layout() says (seed ${seed})`, (one, { skip }) => {
    const { target, version } = one;
    const missing = target.name === 'm68k' ? whyNo('m68k-linux-gnu-gcc') : reason;
    if (missing) skip(missing);
    const source = randomSource(seed, target, 100);
    const file = objectFor(folder, source.text, target, ['-g', `-gdwarf-${version}`]);
    expectSame(importBinary(openBinary(file, target)), target, source.records);
  });

  it.for([4, 5])(`%s of GCC is what layout() says (seed ${seed})`, (version, { skip }) => {
    const missing = whyNo('gcc');
    if (missing) skip(missing);
    const target = targets.x86_64;
    const source = randomSource(seed, target, 100);
    const file = objectFor(folder, source.text, target, ['-g', `-gdwarf-${version}`], 'gcc');
    const records = source.records.filter(({ type }) => !hasOwnBits(type));
    expect(records.length).toBeGreaterThan(40);
    expectSame(importBinary(openBinary(file, target)), target, records);
  });
});

describe('alignments of random structs', () => {
  const gcc = (version: number) => ({ target: targets.x86_64, version, compiler: 'gcc' });
  const clang = [targets.x86_64, targets.i386, targets.s390x, targets.aarch64].map((target) => {
    return { target, version: 5, compiler: clangFile() };
  });

  it.for([gcc(4), gcc(5), ...clang])(
    'are those of $compiler for $target.name, DWARF $version',
    (one, { skip }) => {
      const { target, version, compiler } = one;
      const missing = compiler === 'gcc' ? whyNo('gcc') : reason;
      if (missing) skip(missing);
      let count = 0;
      for (const seed of [1, 2, 3]) {
        const source = randomSource(seed, target, 100);
        const flags = ['-g', `-gdwarf-${version}`];
        const file = objectFor(folder, source.text, target, flags, compiler);
        const { types } = importBinary(openBinary(file, target));
        for (const { name, type } of source.records) {
          const found = types.get(name);
          if (!found || hasOwnBits(type) || !isTold(type, target)) continue;
          expect(`${name} ${layout(found, target).align}`).toBe(
            `${name} ${layout(type, target).align}`,
          );
          count += 1;
        }
      }
      expect(count).toBeGreaterThan(60);
    },
  );
});

/** Debug information does not tell what is packed; on ARM unnamed bit-fields align a record, too. */
function isTold(type: Type, target: Target): boolean {
  return !holds(type, (one) => {
    const isPacked = 'packed' in one || 'pack' in one;
    const isGap = one.kind === 'bits' && one.unnamed && target.unnamedBitsAlign;
    return isPacked || isGap || one.kind === 'variant';
  });
}

/** Bit-fields with an alignment of their own, about which GCC and clang (and layout()) disagree. */
function hasOwnBits(type: Field): boolean {
  return holds(type, (one) => {
    return one.kind === 'bits' && (one.align !== undefined || one.type.kind === 'aligned');
  });
}

function holds(type: Field, test: (one: Field) => boolean): boolean {
  if (test(type)) return true;
  switch (type.kind) {
    case 'struct':
    case 'union':
      return Object.values(type.fields).some((one) => holds(one, test));
    case 'array':
    case 'flexible':
      return holds(type.of, test);
    case 'member':
    case 'aligned':
      return holds(type.type, test);
    case 'variant':
      return [...type.cases.map((one) => one.type), type.otherwise].some((one) => holds(one, test));
    default:
      return false;
  }
}
