import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { whyNotFetched } from '../fetched.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE = join(ROOT, 'dist/index.js');
const RUNTIMES = join(ROOT, 'test/runtimes');
const LIMIT_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'syslets-runtimes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the first call and attach say in a process of its own, and whether that ends well. */
function firstCall(before: string, flags: readonly string[] = []) {
  const source = `
    ${before}
    const { Kernel, sys } = await import(${JSON.stringify(PACKAGE)});
    const { layout, struct, u32, x86_64 } = await import(${JSON.stringify(PACKAGE.replace('index.js', 'abi/index.js'))});
    const said = [];
    for (const use of [() => sys.call('getpid'), () => (sys.detach(), Kernel.attach().gettid())]) {
      try {
        said.push(use() === process.pid);
      } catch ({ code, message }) {
        said.push(code + ' ' + message);
      }
    }
    said.push(layout(struct('s', { a: u32 }), x86_64).size);
    console.log(JSON.stringify(said));
  `;
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '-e', source],
    { encoding: 'utf8' },
  );
  expect([status, signal], stderr).toEqual([0, null]);
  return JSON.parse(stdout) as [unknown, unknown, number];
}

/** Answers of the runtime that runs it, by the rows of the README's table. */
const PROGRAM = `
import { writeFileSync } from 'node:fs';
const { ESYSLETPENDING, Kernel, NR, sys } = await import(${JSON.stringify(PACKAGE)});
const { layout, struct, u32, x86_64 } = await import(${JSON.stringify(PACKAGE.replace('index.js', 'abi/index.js'))});

const { Loop } = await import(${JSON.stringify(PACKAGE.replace('index.js', 'loop/index.js'))});
const { SysletWalk } = await import(${JSON.stringify(PACKAGE.replace('index.js', 'walk/index.js'))});

const shared = (bytes) => new Uint8Array(new SharedArrayBuffer(bytes));

/** The ends of a pipe, whose numbers are stored in memory of this kind. */
function pipe(kernel, memory) {
  const fds = new Int32Array(memory);
  kernel.complete(NR.pipe2, fds, 0);
  return fds;
}

/** Reads that block; what each waits for is written by JavaScript, on the thread that goes on. */
function handOvers(kernel) {
  const [from, to] = pipe(kernel, new SharedArrayBuffer(8));
  const buffer = shared(8);
  for (let i = 0; i < 100; i++) {
    const read = kernel.newCall(NR.read).setArgs(from, buffer, 8).setCallerData(i);
    const before = kernel.gettid();
    if (read.run() !== -ESYSLETPENDING || kernel.gettid() === before) throw new Error('not handed over');
    kernel.complete(NR.write, to, shared(1).fill(i), 1);
    kernel.ring.wait();
    kernel.ring.reap((status, data) => {
      if (status !== 1 || data !== i || buffer[0] !== i) throw new Error('wrong completion');
    });
    read.release();
  }
  return true;
}

function attached(use) {
  const kernel = Kernel.attach();
  try {
    return use(kernel);
  } finally {
    kernel.detach();
  }
}

/** As the command does it: libuv polls nothing. */
function walked() {
  const loop = Loop.unpolled();
  try {
    const { entries, failed } = new SysletWalk(loop).run(Buffer.from('/proc/self/fdinfo')).totals;
    return entries > 3 && failed === 0;
  } finally {
    loop.close();
  }
}

function said(use) {
  try {
    return use() ? 'yes' : 'no';
  } catch (error) {
    return error.message;
  }
}

const answers = {
  'syslets/abi': said(() => layout(struct('s', { a: u32 }), x86_64).size === 4),
  'Kernel on shared memory': said(() => attached(handOvers)),
  'Kernel on any memory': said(() => attached((kernel) => pipe(kernel, new ArrayBuffer(8))[0] > 0)),
  'syslets find': said(walked),
  'sys, syslets/aio': said(() => sys.call('getpid') === process.pid),
};
writeFileSync(process.argv[2], JSON.stringify(answers));
sys.detach();
Kernel.attach(); // the end of the program brings it home
`;
const REFUSED: Readonly<Record<string, RegExp>> = {
  'Kernel on any memory':
    /view of an ArrayBuffer, which can be transferred.*use a SharedArrayBuffer/,
  'sys, syslets/aio':
    /ENOTSUP, this is (Bun|Deno) \d.*no event loop of libuv's.*Use Kernel.*Node\.js/,
};

/** Cells of the README's table of runtimes, by the names of a row and a column. */
function cells(column: string): Record<string, string> {
  const [, section = ''] = readFileSync(join(ROOT, 'README.md'), 'utf8').split(
    '\n## Where it runs\n',
  );
  const rows = (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  const at = rows[0]?.findIndex((name) => name.startsWith(column)) ?? -1;
  expect(at, column).toBeGreaterThan(0);
  return Object.fromEntries(rows.slice(2).map((row) => [row[0], row[at]]));
}

/** Bun and Deno are fetched at first; why they are not there. */
function whyNone(): string | undefined {
  if (process.arch !== 'x64') return 'the binaries of Bun and Deno are those for x86_64';
  return whyNotFetched(RUNTIMES, 'Bun and Deno');
}

const own = (path: string) => join(RUNTIMES, 'node_modules', path);
const COMMANDS = [
  { name: 'Node.js', command: process.execPath, args: [] },
  { name: 'Bun', command: own('bun/bin/bun'), args: ['run'] },
  { name: 'Deno', command: own('deno/deno'), args: ['run', '--allow-all', '--no-lock'] },
];

test.for(COMMANDS)(
  'in $name works, and is refused with the reason, what the README says',
  ({ name, command, args }, { skip }) => {
    const why = command === process.execPath ? undefined : whyNone();
    skip(why !== undefined, why);
    const program = join(folder, 'program.mjs');
    const answers = join(folder, `${name}.json`);
    writeFileSync(program, PROGRAM);
    const options = { cwd: folder, encoding: 'utf8', timeout: LIMIT_MS } as const;
    const { status, signal, stderr } = spawnSync(command, [...args, program, answers], options);
    expect([status, signal], stderr).toEqual([0, null]);
    const said = JSON.parse(readFileSync(answers, 'utf8')) as Record<string, string>;
    const shown = Object.entries(said).map(([row, answer]) => {
      const isRefusal = REFUSED[row]?.test(answer) ?? false;
      return [row, isRefusal ? 'refused' : answer];
    });
    expect(Object.fromEntries(shown)).toEqual(cells(name));
  },
);

test.for(COMMANDS)('syslets tour in $name', ({ command, args }, { skip }) => {
  const why = command === process.execPath ? undefined : whyNone();
  skip(why !== undefined, why);
  const main = join(ROOT, 'dist/cli/main.js');
  const tree = join(ROOT, 'lib'); // nobody writes there meanwhile
  const options = { cwd: folder, encoding: 'utf8', timeout: LIMIT_MS } as const;
  const { status, stdout, stderr } = spawnSync(command, [...args, main, 'tour', tree], options);
  expect(status, stderr).toBe(0);
  expect(stdout).toContain("status 34, buffer 'written after the read had blocked'");
  expect(stdout).toContain('by fs.lstatSync  the same totals');
});

describe('what is not Node is told by process.versions, and sys refuses before it asks for a loop', () => {
  test.each([
    ['bun', /^ENOTSUP .*this is Bun 9\.9, which has no event loop of libuv's.*Node\.js/],
    ['deno', /^ENOTSUP .*this is Deno 9\.9, which has no event loop of libuv's.*Node\.js/],
  ])('%s', (name, text) => {
    const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, ${name}: '9.9' } });`;
    const [call, attach, size] = firstCall(versions);
    expect(call).toMatch(text);
    expect(attach).toBe(true);
    expect(size).toBe(4);
  });
});

describe("Node's permission model", () => {
  const known = process.allowedNodeEnvironmentFlags;
  const flag = known.has('--permission') ? '--permission' : '--experimental-permission';

  test('without --allow-addons nothing is attached, and the error says what allows it', () => {
    const [call, attach] = firstCall('', [flag, '--allow-fs-read=*']);
    expect(call).toMatch(
      /^ERR_SYSLETS_NO_ADDON .*Node runs with --permission, which does not allow addons.*--allow-addons/,
    );
    expect(attach).toBe(call);
  });

  test('with it calls are made', () => {
    const said = firstCall('', [flag, '--allow-fs-read=*', '--allow-addons']);
    expect(said.slice(0, 2)).toEqual([true, true]);
  });
});
