import { spawnSync } from 'node:child_process';
import { accessSync, mkdtempSync, rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { MODES, totalsOf } from './find-command.ts';
import { gnuFind, whyNoFind } from './gnu-find.ts';

// tmpfs has files of 2^63 - 1 bytes; others stop before 2^53
const TMPFS = '/dev/shm';
let root: string | undefined;

afterAll(() => {
  if (root !== undefined) rmSync(root, { recursive: true });
});

function makeLarge(): string | undefined {
  try {
    accessSync(TMPFS);
    root ??= mkdtempSync(`${TMPFS}/syslets-walk-`);
  } catch {
    return `${TMPFS} cannot be written`;
  }
  const files = ['a', 'b', 'c'].map((name) => `${root}/${name}`);
  const { status } = spawnSync('truncate', ['-s', '9007199254740993', ...files]);
  const { status: largest } = spawnSync('truncate', ['-s', '7E', `${root}/d`]);
  return status === 0 && largest === 0 ? undefined : `${TMPFS} has no files of 2^53 bytes and more`;
}

test.for(MODES)('mode %s adds up sizes past 2^53 exactly', (mode, { skip }) => {
  const whyNot = whyNoFind() ?? makeLarge();
  if (whyNot) skip(whyNot);
  const { bytes } = gnuFind(root ?? '');
  expect(bytes).toBeGreaterThan(3n * 2n ** 53n + 7n * 2n ** 60n);
  expect(totalsOf([root ?? '', '--mode', mode])).toMatchObject({ status: 0, bytes });
});
