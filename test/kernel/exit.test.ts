import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const INDEX = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const CODE = 7;

/** A process that ends with so many reads of an empty pipe pending. */
const program = (count: number, end: string) => `
  import { Kernel, NR } from ${JSON.stringify(INDEX)};
  const kernel = Kernel.attach({ ring: 1024 });
  const fds = new Int32Array(2);
  kernel.complete(NR.pipe2, fds, 0);
  const call = kernel.newCall(NR.read).setArgs(fds[0], new Uint8Array(8), 8);
  for (let pending = 0; pending < ${count}; ) {
    call.run();
    if (call.pending) pending++;
  }
  ${end}`;

test.each([
  ['process.exit', 300, `process.exit(${CODE})`, CODE],
  ['process.exit', 900, `process.exit(${CODE})`, CODE],
  ['an exception', 300, 'throw new Error("nobody catches this")', 1],
  ['its natural end', 300, '', 0],
])('a process ends by %s with %d calls pending', (_how, count, end, code) => {
  for (let i = 0; i < 3; i++) {
    const args = ['--input-type=module', '--eval', program(count, end)];
    const run = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 });
    expect([run.status, run.signal], run.stderr).toEqual([code, null]);
  }
});
