import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

const header = 'struct request { unsigned id; unsigned long long bytes; char name[16]; };';

it('the workflow in docs/abi.md fails once a header changes', { timeout: 300_000 }, async ({
  skip,
}) => {
  const reason = await noClang();
  if (reason) skip(reason);
  const folder = mkdtempSync(join(tmpdir(), 'syslets-workflow-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['include', 'released']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'api.h'), header);
  }
  const made = join(folder, 'layouts.ts');
  const imported = await abi([
    'import',
    join(folder, 'released/api.h'),
    '-t',
    'x86_64,aarch64',
    '-o',
    made,
  ]);
  expect(imported.status).toBe(0);
  const docs = readFileSync(new URL('../../docs/abi.md', import.meta.url), 'utf8');
  const commands = [...docs.matchAll(/- run: npx syslets abi (.*)/g)].map(([, text = '']) =>
    text.split(' ').map((word) => (/\.(h|ts)$/.test(word) ? join(folder, word) : word)),
  );
  expect(commands.map(([name]) => name)).toEqual(['check', 'diff']);
  const statuses = () => Promise.all(commands.map(async (words) => (await abi(words)).status));
  expect(await statuses()).toEqual([0, 0]);
  writeFileSync(
    join(folder, 'include/api.h'),
    header.replace('unsigned id', 'unsigned long long id'),
  );
  expect(await statuses()).toEqual([1, 1]);
});
