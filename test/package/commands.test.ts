import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { runProgram } from '../cli/run.ts';
import { PackedProject } from './packed.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const project = new PackedProject();
afterAll(() => project.remove());

/** Commands whose output is the same wherever the package is. */
test.each([
  '--version',
  '--help',
  'abi show syslet_ring',
  'abi show syslet_ring --target ppc64',
  'stress --list',
  'explore --list',
  'explore kernel --list',
  'explore wait/mutex --machine sc',
  'find native/kernel --mode sync --print',
  'completion zsh',
  'report --help',
])('`syslets %s` says what it says in the checkout', (line) => {
  const args = line.replace('native/', `${ROOT}native/`).split(' ');
  const { status, stdout, stderr } = project.syslets(...args);
  const there = runProgram('cli/main.js', args);
  const untimed = (text: string) => text.replace(/\d+ ms/g, 'N ms');
  expect({ status, stdout, stderr: untimed(stderr) }).toEqual({
    status: there.status,
    stdout: there.stdout,
    stderr: untimed(there.stderr),
  });
  expect(stdout).not.toBe('');
});

test('`syslets doctor` names the addon that the package brings', () => {
  const { status, stdout } = project.syslets('doctor', '--json');
  const { machine } = JSON.parse(stdout) as { machine: { addon: string } };
  expect(machine.addon).toBe(`loaded, prebuilt for ${process.platform}-${process.arch}-glibc`);
  expect(status).toBe(0);
});

test('`syslets find` hands calls over', () => {
  const { status, stdout } = project.syslets('find', '.', '--json');
  const found = JSON.parse(stdout) as { mode: string; entries: number };
  expect(status).toBe(0);
  expect(found.mode).toBe('syslets');
  const all = readdirSync(project.folder, { recursive: true });
  expect(found.entries).toBeGreaterThan(200);
  expect(found.entries).toBeLessThanOrEqual(all.length + 1);
});

test('`syslets stress` runs scenarios of the package and of the project', () => {
  project.write(
    'own.ts',
    `import { i32 } from 'syslets/abi';
    import { interesting, scenario } from 'syslets/scenario';
    export default scenario({
      name: 'own', description: 'own', state: { x: i32 }, result: { r: i32 },
      actors: { one(state) { state.x = 1; }, other(state, result) { result.r = state.x; } },
      outcomes: [interesting('0', 'before'), interesting('1', 'after')],
    });`,
  );
  const args = [
    'own.ts',
    'litmus/sb',
    'structures/mutex',
    'kernel/hand-off-return',
    '--time',
    '4s',
    '--json',
    'own.json',
  ];
  const { status, stderr } = project.syslets('stress', ...args);
  expect({ status: status === 0 || status === 3, stderr }).toEqual({ status: true, stderr: '' });
  const { stdout } = project.syslets('report', 'own.json', '--html', 'own.html');
  expect(stdout).toContain('own');
  expect(readdirSync(project.folder)).toContain('own.html');
});

test('`syslets stress` says in which lines of the project a thread hangs, and none of its own', () => {
  project.write(
    'hangs.ts',
    `import { i32 } from 'syslets/abi';
    import { acceptable, scenario } from 'syslets/scenario';
    export default scenario({
      name: 'hangs', description: 'hangs', state: { x: i32 }, result: { r: i32 }, timeoutMs: 500,
      actors: { one() { for (;;); }, other(state, result) { result.r = state.x; } },
      outcomes: [acceptable('0', 'always')],
    });`,
  );
  const { status, stdout } = project.syslets('stress', 'hangs.ts', '--time', '40s');
  expect(status).toBe(1);
  expect(stdout).toMatch(/actor one\n +at one \(.*hangs\.ts:\d+:\d+\)/);
  expect(stdout).not.toMatch(/ at .*\/bundle\//);
});

test('`syslets explore` names the lines of a file of the project, mapped or not', () => {
  project.write(
    'race.ts',
    `import { i32 } from 'syslets/abi';
import { acceptable, scenario } from 'syslets/scenario';
export default scenario({
  name: 'race', description: 'race', state: { x: i32 }, result: { r: i32 },
  actors: {
    one(state) { state.x = 1; },
    other(state, result) { result.r = state.x; },
  },
  outcomes: [acceptable('0', 'before'), acceptable('1', 'after')],
});`,
  );
  const plain = project.syslets('explore', 'race.ts');
  expect(plain.stdout).toMatch(/race\.ts:6:\d+.*race\.ts:7:\d+/);
  const main = join(project.package, 'bundle/cli/start.cjs');
  expect(project.node('--enable-source-maps', main, 'explore', 'race.ts')).toEqual(plain);
});

test('`syslets explore kernel/…` compiles the sources that the package has in one file', ({
  skip,
}) => {
  skip(process.arch !== 'x64', 'kernel scenarios are explored on x86_64');
  const { status, stdout } = project.syslets('explore', 'kernel/reader-spins');
  expect(status).toBe(0);
  expect(stdout).toContain('all executions');
});

/** What a run has loaded: files of the command line, and whether Node's loader of modules was among it. */
function loadedBy(...args: readonly string[]) {
  project.write(
    'loaded.cjs',
    `process.on('exit', () => {
      const files = Object.keys(require.cache).flatMap((path) => path.match(/bundle\\/cli\\/(.*)/)?.[1] ?? []);
      const native = process.moduleLoadList.filter((name) => /streams|fs\\/promises|worker/.test(name));
      require('node:fs').writeFileSync('loaded.json', JSON.stringify({ files, native }));
    });`,
  );
  const start = join(project.package, 'bundle/cli/start.cjs');
  const { stderr } = project.node('--require', './loaded.cjs', start, ...args);
  expect(stderr).toBe('');
  const text = readFileSync(join(project.folder, 'loaded.json'), 'utf8');
  return JSON.parse(text) as { files: string[]; native: string[] };
}

test('`syslets find` walks where a process may have 40 files open', () => {
  const start = join(project.package, 'bundle/cli/start.cjs');
  const limited = `
    const { spawnSync } = require('node:child_process');
    const args = ['-c', 'ulimit -n 40 && exec "$@"', 'bash', process.execPath, '${start}', 'find', '.'];
    const { status, stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
    console.log(JSON.stringify({ status, stderr, walked: stdout.includes('hand-offs') }));`;
  const { stdout } = project.node('-e', limited);
  expect(JSON.parse(stdout)).toEqual({ status: 0, stderr: '', walked: true });
});

test('what has to start quickly loads what it needs, and none of what Node makes for others', () => {
  expect(loadedBy('--version').files).toEqual(['start.cjs']);
  const help = loadedBy('--help');
  const ofFind = loadedBy('find', '--help');
  const find = loadedBy('find', '.');
  const { native } = loadedBy('--version');
  expect(help.files).toEqual(['start.cjs']);
  expect(ofFind.files).toEqual(['start.cjs']);
  expect(find.files.toSorted()).toEqual(['find-run.cjs', 'start.cjs']);
  for (const one of [help, ofFind, find]) expect(one.native).toEqual(native);
});
