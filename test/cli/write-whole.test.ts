import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from '../../lib/cli/write-whole.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syslets-whole-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

test('a file is made, and replaced', () => {
  for (const text of ['one', 'two']) {
    writeWhole(path('a'), text);
    expect(readFileSync(path('a'), 'utf8')).toBe(text);
  }
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a link stays a link, and its file is replaced', () => {
  writeFileSync(path('a'), 'one');
  symlinkSync(path('a'), path('link'));
  writeWhole(path('link'), 'two');
  expect(lstatSync(path('link')).isSymbolicLink()).toBe(true);
  expect(readFileSync(path('a'), 'utf8')).toBe('two');
});

// as root, /dev/null would become a file
test('what is no file is written to, and stays what it is', () => {
  expect(spawnSync('mkfifo', [path('pipe')]).status).toBe(0);
  const fd = openSync(path('pipe'), constants.O_RDWR | constants.O_NONBLOCK);
  writeWhole(path('pipe'), 'text');
  const buffer = Buffer.alloc(16);
  expect(buffer.toString('utf8', 0, readSync(fd, buffer))).toBe('text');
  closeSync(fd);
  expect(lstatSync(path('pipe')).isFIFO()).toBe(true);
});
