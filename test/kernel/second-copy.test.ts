import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Two copies of the package in one process, as npm installs them for two versions.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIRST = join(ROOT, 'dist/index.js');

let second: string;

beforeAll(() => {
  second = mkdtempSync(join(tmpdir(), 'syslets-copy-'));
  cpSync(join(ROOT, 'dist'), join(second, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(second, 'package.json'));
  const addon = 'build/Release/syslets.node';
  cpSync(join(ROOT, addon), join(second, addon));
});
afterAll(() => {
  rmSync(second, { recursive: true });
});

function run(source: string) {
  const head = `
    import { Worker } from 'node:worker_threads';
    import { writeSync } from 'node:fs';
    const first = await import('${FIRST}');
    const second = await import('${join(second, 'dist/index.js')}');
    const print = (text) => writeSync(1, text + '\\n');
  `;
  const args = ['--input-type=module', '-e', head + source];
  const options = { encoding: 'utf8', timeout: 60_000 } as const;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { status, signal, stdout, stderr };
}

test('the second on the same thread is told so, and the first goes on', () => {
  const ended = run(`
    const kernel = first.Kernel.attach();
    try {
      second.Kernel.attach();
    } catch ({ code, message }) {
      print(code + ': ' + message);
    }
    print(kernel.complete(first.NR.getpid) === process.pid);
    print(kernel.complete(first.NR.nanosleep, new BigInt64Array([0n, 5000000n]), 0));
    kernel.detach();
    const own = second.Kernel.attach();
    print(own.complete(second.NR.nanosleep, new BigInt64Array([0n, 5000000n]), 0));
    own.detach();
  `);
  expect(ended).toMatchObject({ status: 0, signal: null, stderr: '' });
  const [refused, ...more] = ended.stdout.trim().split('\n');
  expect(refused).toMatch(/^EEXIST: .*another copy of syslets has attached this thread/);
  expect(more).toEqual(['true', '0', '0']);
});

test('on threads of their own both work, also where one made the other', () => {
  const ended = run(`
    const kernel = first.Kernel.attach();
    const sleep = new BigInt64Array([0n, 2000000n]);
    for (let i = 0; i < 3; i++) kernel.complete(first.NR.nanosleep, sleep, 0);
    const worker = new Worker(
      "import { workerData, parentPort } from 'node:worker_threads';" +
        "import(workerData).then(({ Kernel, NR }) => {" +
        "  const kernel = Kernel.attach();" +
        "  const sleep = new BigInt64Array([0n, 2000000n]);" +
        "  for (let i = 0; i < 20; i++) kernel.complete(NR.nanosleep, sleep, 0);" +
        "  kernel.detach();" +
        "  parentPort.postMessage('done');" +
        "});",
      { eval: true, workerData: '${join(second, 'dist/index.js')}' },
    );
    worker.on('error', (error) => print(error.message));
    worker.on('message', print);
    worker.on('exit', () => kernel.detach());
    for (let i = 0; i < 20; i++) kernel.complete(first.NR.nanosleep, sleep, 0);
  `);
  expect(ended).toEqual({ status: 0, signal: null, stdout: 'done\n', stderr: '' });
});
