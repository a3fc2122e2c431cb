import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { i386, layout, offsetOf, type RecordType, x86_64 } from '../../lib/abi/index.ts';
import { checkTypes } from '../../lib/abi-tools/check.ts';
import { type Compiler, clangFile } from '../../lib/abi-tools/compilers.ts';
import { headerFolders } from '../../lib/abi-tools/header-folders.ts';
import * as types from '../../lib/aio/types.ts';

// The bytes of lib/aio/types.ts against what the system's own <aio.h> and <signal.h> declare.

const folder = mkdtempSync(join(tmpdir(), 'syslets-aio-header-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * glibc's headers of i386 are those of x86_64 with one file more, which lists functions without
 * an implementation and which only the package for i386 has.
 */
beforeAll(() => {
  mkdirSync(join(folder, 'gnu'));
  writeFileSync(join(folder, 'gnu/stubs-32.h'), '');
});

const tags: Readonly<Record<string, string>> = {
  sigval: 'union sigval',
  siginfo_t: 'siginfo_t',
};

function inHeader(prelude: string) {
  return {
    prelude,
    nameOf: (name: string) => tags[name] ?? `struct ${name}`,
    flagsFor: (target: { readonly name: string }, compiler: Compiler) => [
      ...(compiler.file === clangFile() ? headerFolders(target.name) : []),
      ...(target.name === 'i386' ? ['-idirafter', folder] : []),
    ],
  };
}

/** The headers give members of unions short names by macros, also where the long one is meant. */
const HEADERS = '#include <aio.h>\n#include <signal.h>\n#undef si_pid\n#undef si_uid';

interface Case {
  readonly name: string;
  readonly prelude: string;
  readonly records: Readonly<Record<string, RecordType>>;
}

const cases: readonly Case[] = [
  {
    name: 'with 64-bit offsets',
    prelude: `#define _GNU_SOURCE\n#define _FILE_OFFSET_BITS 64\n${HEADERS}`,
    records: {
      sigval: types.sigval,
      sigevent: types.sigevent,
      aiocb: types.aiocb,
      aiocb64: types.aiocb64,
      siginfo_t: types.siginfo_t,
    },
  },
  {
    name: 'with a long offset',
    prelude: HEADERS,
    records: { aiocb: types.aiocb_long_offset },
  },
];

const runs = [x86_64, i386].flatMap((target) => cases.map((one) => ({ target, ...one })));

test.for(runs)('$target.name: structs $name are those of the system', async (run, { skip }) => {
  const records = new Map(Object.entries(run.records));
  const rows = await checkTypes(records, [run.target], inHeader(run.prelude));
  const answered = rows.filter(({ status }) => status !== 'not checked');
  if (answered.length === 0) skip(rows.map(({ reason }) => reason).join('; '));
  for (const row of answered) expect(row).toMatchObject({ status: 'same', types: records.size });
});

test('sizes and the places that C programs read', () => {
  const at = (name: '__error_code' | 'aio_offset') => [
    offsetOf(types.aiocb, x86_64, name),
    offsetOf(types.aiocb, i386, name),
  ];
  const sizes = [x86_64, i386].map((target) => layout(types.aiocb, target).size);
  expect(sizes).toEqual([168, 144]);
  expect(at('__error_code')).toEqual([112, 96]);
  expect(at('aio_offset')).toEqual([128, 104]);
});
