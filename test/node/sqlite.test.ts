import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { bothWays } from './trial.ts';

const RUNNING = Number(process.versions.node.split('.')[0]);

/** Node 20 has no node:sqlite: there the pinned binaries of 24 and 26 run the trials. */
function nodeOf(version: number): string {
  if (RUNNING === version) return process.execPath;
  const path = `../node-versions/node_modules/node${version}/bin/node`;
  return fileURLToPath(new URL(path, import.meta.url));
}

describe.each([24, 26])('node:sqlite of Node %i', (version) => {
  const node = nodeOf(version);
  const flags = ['--no-warnings'];
  const missing = `Node ${version} is not installed: npm ci --prefix test/node-versions`;

  test('a callback that hands over', async ({ skip }) => {
    if (!existsSync(node)) skip(missing);
    expect(await bothWays('sqlite', 'callbacks', { node, flags })).toEqual([2450, 2450]);
  });

  test('transactions on a file', async ({ skip }) => {
    if (!existsSync(node)) skip(missing);
    expect(await bothWays('sqlite', 'file', { node, flags })).toEqual([30, 30]);
  });
});
