import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MODES, totalsOf } from './find-command.ts';
import { walkHere } from './in-process.ts';
import { openBelow } from './open-descriptors.ts';
import { Tree } from './tree.ts';

const WALKS = 60;
const STABLE = 203; // the root, its two directories, and 200 files of one of them

const tree = new Tree();

// It makes and removes, as fast as it can, files and directories with files in them
const REMOVER = `
const fs = require('node:fs');
process.chdir(process.argv[1]);
process.stdout.write('ready');
for (let i = 0; ; i = (i + 1) % 500) {
  fs.mkdirSync('changing/d' + i);
  for (let k = 0; k < 5; k++) fs.writeFileSync('changing/d' + i + '/f' + k, '');
  fs.writeFileSync('changing/f' + i, '');
  const old = (i + 400) % 500;
  fs.rmSync('changing/d' + old, { recursive: true, force: true });
  fs.rmSync('changing/f' + old, { force: true });
}`;

beforeAll(() => tree.shell('mkdir stable changing; cd stable; touch $(seq 200)'));
afterAll(() => tree.remove());

async function withRemover(run: () => void): Promise<void> {
  const remover = spawn(process.execPath, ['-e', REMOVER, tree.root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(remover.stdout, 'data');
  try {
    run();
    expect(remover.exitCode).toBe(null);
  } finally {
    remover.kill('SIGKILL');
    await once(remover, 'exit');
    tree.shell('rm -rf changing; mkdir changing');
  }
}

test('entries that vanish are no failure, and leave nothing open', async () => {
  let vanished = 0;
  await withRemover(() => {
    for (let walk = 0; walk < WALKS; walk++) {
      const { totals, failures } = walkHere(Buffer.from(tree.root));
      expect(failures).toEqual([]);
      expect(totals.entries).toBeGreaterThanOrEqual(STABLE);
      vanished += totals.vanished;
    }
  });
  expect(openBelow(tree.root)).toEqual([]);
  console.log(`${vanished} entries vanished in ${WALKS} walks`);
});

test.each(MODES)('mode %s exits 0', async (mode) => {
  await withRemover(() => {
    for (let walk = 0; walk < 3; walk++) {
      const found = totalsOf([tree.root, '--mode', mode]);
      expect(found).toMatchObject({ status: 0, stderr: '', failed: 0 });
      expect(found.entries).toBeGreaterThanOrEqual(STABLE);
    }
  });
});

// The race above may not be lost on a machine with one processor: this one is, each time
test('a name and a directory that are gone before they are looked at are counted apart', () => {
  const other = new Tree();
  other.shell(
    'mkdir later; touch later/x; mkdir first; for i in $(seq 300); do touch first/$i; done',
  );
  let gone = false;
  const { totals, failures } = walkHere(
    Buffer.from(other.root),
    {},
    {
      progress: () => {
        if (!gone) other.shell('rm -rf first later');
        gone = true;
      },
    },
  );
  other.remove();
  expect(failures).toEqual([]);
  expect(totals).toMatchObject({ entries: 3, failed: 0, vanished: 2 });
});
