import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  AbiError,
  cpp,
  layout,
  type RecordType,
  type ScalarName,
  struct,
  type Target,
  targets,
} from '../../lib/abi/index.ts';
import { scalarLayout } from '../../lib/abi/scalar-layout.ts';
import * as scalarTypes from '../../lib/abi/scalars.ts';
import { ask } from '../../lib/abi-tools/ask.ts';
import {
  type Compiler,
  clangArgs,
  clangFile,
  compilersFor,
} from '../../lib/abi-tools/compilers.ts';
import { CEmitter } from '../../lib/abi-tools/emit-c.ts';
import { isSameData } from '../../lib/abi-tools/stand-in.ts';
import { noClang } from './tools.ts';

/** Each target against its compiler, and the means by which compilers are asked whose objects are not ELF. */

const reason = await noClang();
const all: readonly Target[] = Object.values(targets);
const ofClang = all.filter(({ name }) => clangArgs(name));
const names = Object.values(scalarTypes).flatMap((one): ScalarName[] =>
  typeof one === 'object' ? [one.scalar] : [],
);

function compilerOf(target: Target): Compiler {
  return compilersFor(target.name).find(({ file }) => file === clangFile()) as Compiler;
}

/** What `as` says of the types, and the compiler of `target`. */
function asked(types: readonly RecordType[], as: Target, target = as) {
  const sourceOf = (some: readonly RecordType[]) => {
    const emitter = new CEmitter(as);
    const questions = some.map((type) => ({ name: emitter.declareRecord(type), type, seed: 7 }));
    return { prelude: emitter.text, questions };
  };
  return ask(types, sourceOf, as, compilerOf(target));
}

/** Behind a char a scalar shows its alignment. */
function probeOf(scalar: ScalarName): RecordType {
  return struct(`of_${scalar}`, { c: scalarTypes.char, x: { kind: 'scalar', scalar } });
}

function has(scalar: ScalarName, target: Target): boolean {
  try {
    return scalarLayout(scalar, target).size > 0;
  } catch (error) {
    if (error instanceof AbiError) return false;
    throw error;
  }
}

describe('the table of targets in docs/abi.md', () => {
  const text = readFileSync(new URL('../../docs/abi.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([\w-]+)`[^|]*(\|(?: (?:\d|-) \|){2} .*)$/gm)];
  const written = rows.map(([, name = '', rest = '']) => [name, rest.slice(2, -2)] as const);

  it('has each of them, in this order', () => {
    expect(written.map(([name]) => name)).toEqual(all.map(({ name }) => name));
  });

  it.each(written)('says of %s what the target says', (name, rest) => {
    const target = targets[name as keyof typeof targets] as Target;
    const { format, size, align } = target.longDouble;
    const char = target.charSigned ? 'signed' : 'unsigned';
    const wide = target.int128Align || '-';
    const first = [target.longSize, target.pointerSize, `${format} ${size}, ${align}`];
    expect(rest).toBe([...first, wide, char, target.maxScalarAlign].join(' | '));
  });
});

describe('scalars', () => {
  it.for(ofClang.flatMap((target) => [target, cpp(target) as Target]))(
    'of $name ($language) have the sizes, alignments and signs that clang says',
    async (target, { skip }) => {
      if (reason) skip(reason);
      const own = names.filter((name) => has(name, target));
      expect(own.length).toBeGreaterThanOrEqual(names.length - 2);
      const { differences, refusals, asked: answers } = await asked(own.map(probeOf), target);
      expect([differences, refusals]).toEqual([[], []]);
      expect(answers).toBeGreaterThan(own.length * 6);
    },
  );
});

describe('a target whose objects are not ELF', () => {
  const foreign = ofClang.filter((target) => compilerOf(target).needsStandIn);
  const probes = names.map(probeOf);

  it('is each that is not of Linux', () => {
    expect(foreign.map(({ name }) => name)).toEqual(
      all.flatMap(({ name }) => (/^wasm|-/.test(name) ? [name] : [])),
    );
  });

  it.for(foreign)('tells $name from its neighbours', async (target, { skip }) => {
    if (reason) skip(reason);
    for (const other of all.filter(({ byteOrder }) => byteOrder === target.byteOrder)) {
      const both = probes.filter((_, at) => {
        const name = names[at] as ScalarName;
        return has(name, target) && has(name, other);
      });
      const isSame = both.every((type) => isSameLayout(type, target, other));
      const { differences } = await asked(both, other, target);
      const why = `${other.name} against the compiler of ${target.name}`;
      expect(differences.length === 0, why).toBe(isSame);
    }
  });
});

function isSameLayout(type: RecordType, target: Target, other: Target): boolean {
  const facts = (one: Target) => {
    const { size, align, fields } = layout(type, one);
    const offsets = fields.map(({ offset }) => offset);
    const kinds = fields.map((field) =>
      scalarLayout((field.type as { scalar: ScalarName }).scalar, one),
    );
    const hasLong = type.name === 'of_longdouble';
    return JSON.stringify([size, align, offsets, kinds, hasLong && one.longDouble.format]);
  };
  return facts(target) === facts(other);
}

describe('data layouts of LLVM', () => {
  const own = 'e-m:w-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128';

  it('are the same whatever names look like, and whatever registers there are', () => {
    expect(isSameData(own, own.replace('m:w', 'm:e').replace('-n8:16:32:64', ''))).toBe(true);
    expect(isSameData('e-p:32:32-i64:64', 'e-m:e-p:32:32-p10:8:8-i64:64-a:0:32-i16:16')).toBe(true);
  });

  it('may leave out x87, which no source for another machine has', () => {
    expect(isSameData('e-i64:64-i128:128', 'e-i64:64-i128:128-f80:128')).toBe(true);
    expect(isSameData('e-i64:64-f80:32', 'e-i64:64')).toBe(false);
  });

  it.each([
    ['byte order', own.replace('e-', 'E-')],
    ['pointers', `${own}-p:32:32`],
    ['pointers of another address space', own.replace('p270:32:32', 'p270:64:64')],
    ['such pointers', own.replace('-p270:32:32', '')],
    ['i64', own.replace('i64:64', 'i64:32')],
    ['i128', own.replace('-i128:128', '')],
    ['f64', `${own}-f64:32`],
    ['f128', `${own}-f128:64`],
    ['f80', own.replace('f80:128', 'f80:32')],
  ])('differ by %s', (_, other) => {
    expect(isSameData(own, other)).toBe(false);
    expect(isSameData(other, own)).toBe(false);
  });
});
