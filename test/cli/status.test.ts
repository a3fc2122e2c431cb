import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { program, programFor } from '../../lib/cli/commands.ts';
import { runProgram } from './run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMANDS = [
  'tour',
  'doctor',
  'find',
  'abi',
  'stress',
  'explore',
  'report',
  'trace',
  'completion',
];
const OF_ABI = ['show', 'check', 'diff', 'import', 'export', 'diagram', 'dump'];

const run = (...args: string[]) => runProgram('cli/main.js', args);

test.each([...COMMANDS, ...OF_ABI.map((name) => `abi ${name}`)])(
  'an option that `syslets %s` does not have is a mistake: status 2',
  (command) => {
    const { status, stdout, stderr } = run(...command.split(' '), '--never-an-option');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain("unknown option '--never-an-option'");
  },
);

test.each([
  ['an unknown command', ['never-a-command'], "unknown command 'never-a-command'"],
  ['an unknown command of abi', ['abi', 'never'], "unknown command 'never'"],
  ['a missing argument', ['find'], "missing required argument 'dir'"],
  ['a value that is none of the choices', ['find', '/', '--mode', 'x'], 'Allowed choices are'],
  ['a shell that is not known', ['completion', 'csh'], 'Allowed choices are bash, zsh, fish'],
])('%s has status 2', (_, args, said) => {
  const { status, stderr } = run(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(said);
});

test.each([[['--help']], [['--version']], [['help', 'stress']], [['abi', 'show', '--help']]])(
  '%j is asked for: status 0',
  (args) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe('');
  },
);

/** Files of dist/cli that a run has loaded, each without its ending. */
function loaded(...args: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-loaded-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    runProgram('cli/main.js', args, { env });
    const [file = ''] = readdirSync(folder);
    const { result } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return result.flatMap(({ url }: { url: string }) => {
      const [, name] = url.match(/\/dist\/cli\/(.*)\.js$/) ?? [];
      return name === undefined ? [] : [name];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what is asked for is what is loaded: of the version no command', () => {
  const isCommand = (name: string) =>
    /^\w+$/.test(name) ? COMMANDS.includes(name) : /\/command$/.test(name);
  const commands = (...args: string[]) => loaded(...args).filter(isCommand);
  expect(commands('--version')).toEqual([]);
  expect(commands('-V')).toEqual([]);
  expect(commands('find', '--help')).toEqual(['find']);
  expect(commands('--help')).toEqual([]);
  expect(commands('never-a-command')).toEqual([]);
  expect(commands('help', 'find')).toHaveLength(COMMANDS.length);
});

test('the help of the program says of each command what the command says of itself', async () => {
  const whole = (await program()).helpInformation();
  expect((await programFor('--help')).helpInformation()).toBe(whole);
  for (const name of COMMANDS) expect(whole).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
});

// The program begins when its standard input ends: by then nobody reads its output.
const WAIT = `data:text/javascript,${encodeURIComponent(
  `import { readFileSync } from 'node:fs'; readFileSync(0);`,
)}`;

test.each([['doctor'], ['stress --list'], ['abi show syslet_ring']])(
  'an output that was closed ends `syslets %s` in silence, as SIGPIPE does',
  async (command) => {
    const child = spawn(process.execPath, [
      '--import',
      WAIT,
      join(ROOT, 'dist/cli/main.js'),
      ...command.split(' '),
    ]);
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.stdout.destroy();
    await once(child.stdout, 'close');
    child.stdin.end();
    const [status] = await once(child, 'close');
    expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
  },
);

test('doctor where the addon is not: says so, status 1', () => {
  const copy = mkdtempSync(join(tmpdir(), 'syslets-no-addon-'));
  try {
    cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(copy, 'dist/cli/main.js'), 'doctor', '--json'],
      { encoding: 'utf8' },
    );
    expect(JSON.parse(stdout).machine.addon).toMatch(/^not available: /);
    expect(status).toBe(1);
  } finally {
    rmSync(copy, { recursive: true });
  }
});
