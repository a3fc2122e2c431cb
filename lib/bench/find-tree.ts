import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProgressLine } from './progress-line.ts';
import { amount } from './short.ts';

const GROUPS = amount(10, 1);
const PACKAGES = 20;
const FILES = amount(500, 20);

/** As deep as the sources of a checkout: a walk by path looks each of these up for each file. */
const ABOVE = ['work', 'checkout', 'packages'];
const BELOW = ['source', 'components'];

export interface Tree {
  readonly root: string;
  readonly description: string;
  remove(): void;
}

/** 200 directories of 500 empty files each. */
export function makeTree(): Tree {
  const root = mkdtempSync(join(tmpdir(), 'syslets-find-'));
  const remove = () => rmSync(root, { recursive: true, force: true });
  process.once('exit', remove);
  const progress = new ProgressLine();
  for (let i = 0; i < GROUPS * PACKAGES; i++) {
    progress.show(`find: making ${GROUPS * PACKAGES * FILES} files in ${root}: ${i * FILES}`);
    fill(directoryOf(root, i));
  }
  progress.clear();
  const description = `${GROUPS * PACKAGES} directories of ${FILES} files, ${directoryOf(root, 0)}`;
  return { root, description, remove };
}

function directoryOf(root: string, index: number): string {
  const group = `group-${pad(Math.floor(index / PACKAGES), 2)}`;
  return join(root, ...ABOVE, group, `package-${pad(index % PACKAGES, 2)}`, ...BELOW);
}

function fill(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (let i = 0; i < FILES; i++) closeSync(openSync(join(directory, `file-${pad(i, 4)}.ts`), 'w'));
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
