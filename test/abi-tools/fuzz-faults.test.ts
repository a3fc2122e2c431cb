import { beforeEach, expect, test, vi } from 'vitest';
import { aarch64, i386, type Target, x86_64, x86_64_windows_msvc } from '../../lib/abi/index.ts';
import type * as FuzzHeaders from '../../lib/abi-tools/fuzz-headers.ts';
import type * as Prove from '../../lib/abi-tools/prove.ts';
import type * as ScalarNames from '../../lib/abi-tools/scalar-names.ts';
import { noClang } from './tools.ts';

/** Faults that are planted: the fuzz of headers finds each. */

beforeEach(async ({ skip }) => {
  const reason = await noClang();
  if (reason) skip(reason);
  vi.resetModules();
});

async function faultsOn(...asked: readonly Target[]): Promise<readonly string[]> {
  const { fuzzHeaders }: typeof FuzzHeaders = await import('../../lib/abi-tools/fuzz-headers.ts');
  const { faults } = await fuzzHeaders({ seed: 4711, from: 0, count: 16, asked });
  return faults.map(({ what }) => what);
}

const refused = 'refused, though it can be had';
const other = 'imported as';

test.each<[string, Target]>([
  ['the size of long', { ...x86_64, longSize: 4 }],
  ['the size of pointers', { ...x86_64, pointerSize: 4 }],
  ['the sign of char', { ...aarch64, charSigned: true }],
  ['the alignment of scalars', { ...i386, maxScalarAlign: 8 }],
  ['the alignment of long double', { ...x86_64, longDouble: { ...x86_64.longDouble, align: 8 } }],
  ['the units of bit-fields', { ...x86_64, bitFields: 'units' }],
  ['bit-fields of Windows', { ...x86_64_windows_msvc, bitFields: 'typed' }],
  ['Microsoft’s rules', { ...x86_64_windows_msvc, rules: 'gnu' }],
  ['unnamed bit-fields', { ...x86_64, unnamedBitsAlign: true }],
])('a wrong rule about %s is a fault', { timeout: 120_000 }, async (_, target) => {
  expect((await faultsOn(target)).join('\n')).toContain(refused);
});

type Change = (names: typeof ScalarNames) => Partial<typeof ScalarNames>;

/** clang's name of one scalar is taken for another's. */
function misread(from: string, to: string): Change {
  return ({ builtin }) => ({ builtin: (name) => builtin(name === from ? to : name) });
}

const changes: [string, Change][] = [
  ['a sign', misread('unsigned int', 'int')],
  ['a class', misread('float', 'unsigned int')],
  ['a bool', misread('_Bool', 'unsigned char')],
  [
    'a typedef’s name that wins',
    ({ builtin, namedAs }) => ({
      namedAs: (name, type, target) =>
        name === 's32' ? (builtin('int') ?? type) : namedAs(name, type, target),
    }),
  ],
];

async function plant(change: Change, isProven: boolean): Promise<void> {
  const names = '../../lib/abi-tools/scalar-names.ts';
  const actual = await vi.importActual<typeof ScalarNames>(names);
  vi.doMock(names, () => ({ ...actual, ...change(actual) }));
  const prove = '../../lib/abi-tools/prove.ts';
  if (isProven) vi.doUnmock(prove);
  else {
    const none = async () => new Map<string, string>();
    vi.doMock(prove, (): typeof Prove => ({ unproven: none, unprovenConstants: none }));
  }
}

test.each(changes)(
  '%s, misread, is refused by the proof, which is a fault',
  {
    timeout: 120_000,
  },
  async (_, change) => {
    await plant(change, true);
    expect((await faultsOn(x86_64)).join('\n')).toContain(refused);
  },
);

test.each(changes)(
  '%s, misread, is a fault without any proof, too',
  { timeout: 120_000 },
  async (_, change) => {
    await plant(change, false);
    expect((await faultsOn(x86_64)).join('\n')).toContain(other);
  },
);

test('the same headers have no fault by themselves', { timeout: 120_000 }, async () => {
  vi.doUnmock('../../lib/abi-tools/scalar-names.ts');
  vi.doUnmock('../../lib/abi-tools/prove.ts');
  expect(await faultsOn(x86_64, aarch64, i386, x86_64_windows_msvc)).toEqual([]);
});
