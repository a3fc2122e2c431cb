import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Field, targets } from '../../lib/abi/index.ts';
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

/** Bit-fields with an alignment of their own, about which GCC and clang (and layout()) disagree. */
function hasOwnBits(type: Field): boolean {
  switch (type.kind) {
    case 'bits':
      return type.align !== undefined || type.type.kind === 'aligned';
    case 'struct':
    case 'union':
      return Object.values(type.fields).some(hasOwnBits);
    case 'array':
    case 'flexible':
      return hasOwnBits(type.of);
    case 'member':
    case 'aligned':
      return hasOwnBits(type.type);
    default:
      return false;
  }
}
