// The addons for musl: what they need, by their symbols, and that one loads and hands calls over under
// Debian's musl. They are there once `npm run prebuild` has made them.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { libc, libcOf } from '../../lib/libc.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOST = fileURLToPath(new URL('./musl-host.c', import.meta.url));
const NODE_API = /^(napi_|node_api_|uv_)/;
const ADDONS = ['linux-x64-musl', 'linux-arm64-musl'].map((name) => ({
  name,
  file: join(ROOT, 'prebuilds', name, 'syslets.node'),
}));
const MACHINE = `linux-${process.arch}-musl`;

function lines(command: string, ...args: readonly string[]): string[] {
  return execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n');
}

/** Names that a file leaves to others. */
const wantedBy = (file: string) =>
  lines('nm', '--dynamic', '--undefined-only', '--format=posix', file).map(
    (line) => line.split(' ')[0] as string,
  );

const has = (command: string) => spawnSync(command, ['--version']).error === undefined;

describe.each(ADDONS)('$name', ({ name, file }) => {
  test('it needs musl alone: no symbol of glibc, no C++ runtime, no static thread-local word', (context) => {
    if (!existsSync(file)) context.skip(`npm run prebuild -- ${name} has not been run`);
    const dynamic = lines('readelf', '--dynamic', '--wide', file);
    const needed = dynamic.filter((line) => line.includes('(NEEDED)'));
    expect(needed.map((line) => line.replace(/.*\[(.*)\].*/, '$1'))).toEqual(['libc.so']);
    expect(dynamic.filter((line) => line.includes('STATIC_TLS'))).toEqual([]);
    const wanted = wantedBy(file);
    expect(wanted.length).toBeGreaterThan(100);
    expect(wanted.filter((symbol) => /@|^_Z|__libc_single_threaded/.test(symbol))).toEqual([]);
  });
});

/** Builds the host, with a stub for each function of Node's that it does not offer. */
function buildHost(folder: string, addon: string): string {
  const [object, stubs, host] = ['host.o', 'stubs.c', 'host'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const node = join(dirname(dirname(realpathSync(process.execPath))), 'include/node');
  const folders = [node, join(ROOT, 'native/include'), join(ROOT, 'test/native')];
  const flags = ['-O1', '-Wall', '-Werror', ...folders.map((folder) => `-I${folder}`)];
  execFileSync('musl-gcc', [...flags, '-c', HOST, '-o', object]);
  const offered = new Set(
    lines('nm', '--defined-only', '--format=posix', object).map((line) => line.split(' ')[0]),
  );
  const lacking = wantedBy(addon).filter((name) => NODE_API.test(name) && !offered.has(name));
  const stub = (name: string) => `void ${name}(void) { not_offered("${name}"); }\n`;
  writeFileSync(stubs, `void not_offered(const char *);\n${lacking.map(stub).join('')}`);
  execFileSync('musl-gcc', ['-O1', '-rdynamic', object, stubs, '-o', host]);
  return host;
}

test('under musl it loads, attaches, and calls that block are handed over', (context) => {
  const addon = join(ROOT, 'prebuilds', MACHINE, 'syslets.node');
  if (!existsSync(addon)) context.skip(`npm run prebuild -- ${MACHINE} has not been run`);
  if (!has('musl-gcc')) context.skip('musl-gcc is not here (Debian: musl-tools)');
  const folder = mkdtempSync(join(tmpdir(), 'syslets-musl-'));
  try {
    const host = buildHost(folder, addon);
    expect(libcOf(host)).toBe('musl');
    const { stdout, stderr, status } = spawnSync(host, [addon], {
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    expect(stdout + stderr).toBe('100 calls were handed over\n');
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the C library of this Node, and of a program without a dynamic linker', () => {
  const { header } = process.report.getReport() as {
    header: { glibcVersionRuntime?: string };
  };
  expect(libc()).toBe(header.glibcVersionRuntime === undefined ? 'musl' : 'glibc');
  const addon = join(ROOT, 'build/Release/syslets.node'); // a library names none
  expect(libcOf(addon)).toBeUndefined();
});

test('the C library of a program that was given to a dynamic linker', (context) => {
  const [linker] = readFileSync('/proc/self/maps', 'utf8').match(/\/\S*\/ld-\S+/) ?? [];
  if (linker === undefined)
    context.skip('this Node has no dynamic linker that is mapped by its name');
  const code = `import { libc, libcOf } from ${JSON.stringify(join(ROOT, 'dist/libc.js'))};
    console.log(libc(), libcOf('/proc/self/exe'));`;
  const args = [realpathSync(process.execPath), '--input-type=module', '-e', code];
  const { stdout, stderr } = spawnSync(linker as string, args, { encoding: 'utf8' });
  expect(stdout + stderr).toBe(`${libc()} undefined\n`);
});
