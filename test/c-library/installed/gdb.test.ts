import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { compile, FOLDER, LIB, pkgConfig, source } from './compile.ts';

afterAll(() => rmSync(FOLDER, { recursive: true }));

const RUN_MS = 120_000;

function gdb(program: string, commands: readonly string[], ...args: readonly string[]): string {
  const flags = [
    '-nx',
    '-batch',
    '-iex',
    'set debuginfod enabled off',
    '-ex',
    'set pagination off',
  ];
  const { stdout, error } = spawnSync(
    'gdb',
    [...flags, ...commands.flatMap((command) => ['-ex', command]), '--args', program, ...args],
    { env: { ...process.env, LD_LIBRARY_PATH: LIB }, encoding: 'utf8', timeout: RUN_MS },
  );
  return error ? String(error) : stdout;
}

/** Why there is nothing to test here, or ''. */
function missing(): string {
  if (spawnSync('gdb', ['--version']).status !== 0) return 'gdb is not installed';
  const runs = gdb('/bin/true', ['run']).includes('exited normally');
  return runs ? '' : 'gdb cannot run a program here: is ptrace refused?';
}

const WHY = missing();
/** That gdb passes the library's own signal on: docs/c.md, "Debuggers". */
const PASS_SIGNALS = [
  'break main',
  'run',
  'print ((void*(*)(int,void*))signal)(16, (void*)main)',
  'handle SIGPWR SIGPROF nostop noprint pass',
];

/** Names of the functions of a backtrace, innermost first. */
function functions(text: string): string[] {
  const frames = [...text.matchAll(/^#\d+ +(?:0x\w+ in )?([\w?]+) \(/gm)];
  return frames.map(([, name]) => name as string).filter((name) => name !== '??');
}

const section = (output: string, name: string) =>
  output.split(`== ${name}\n`)[1]?.split('\n== ')[0] ?? '';

const OF_PROGRAM = ['inner', 'inner', 'inner', 'inner', 'outer', 'run_thread'];

/** Without what called the program's functions: the C library may have no symbols. */
const upToThread = (names: readonly string[]) => names.slice(0, names.indexOf('run_thread') + 1);

test.for([
  ['the first thread', []],
  ['another thread', ['thread']],
] as const)('backtraces of a context of %s', ([, args], { skip }) => {
  skip(WHY !== '', WHY);
  const program = compile(
    'cc',
    source('backtrace.c'),
    '-g',
    '-pthread',
    ...pkgConfig('--cflags', '--libs'),
  );
  const output = gdb(
    program,
    [
      ...PASS_SIGNALS,
      'break sys_indirect',
      'break after_hand_over',
      'continue',
      'echo \\n== entered\\n',
      'bt',
      'delete 2',
      'continue',
      'echo \\n== handed over\\n',
      'bt',
      'echo \\n== all\\n',
      'thread apply all bt',
      'echo \\n== end\\n',
      'continue',
    ],
    ...args,
  );
  const [entered, handedOver] = [section(output, 'entered'), section(output, 'handed over')];
  expect(upToThread(functions(entered)), output).toEqual([
    'sys_indirect',
    'syslet_enter_indirect',
    'syslet_indirect',
    'syslet_submit',
    'read_blocks',
    ...OF_PROGRAM,
  ]);
  expect(upToThread(functions(handedOver)), output).toEqual(['after_hand_over', ...OF_PROGRAM]);
  expect(entered + handedOver).not.toContain('Backtrace stopped');
  if (args.length === 0) expect(functions(handedOver).at(-1)).toBe('main');
  // the call's own thread shows the call, and none of the stack that has gone on without it
  const stacks = section(output, 'all').split(/^Thread /m);
  const original = stacks.filter((stack) => functions(stack).includes('syslet_enter_indirect'));
  expect(original, output).toHaveLength(1);
  expect(functions(original[0] as string).at(-1), output).toBe('syslet_enter_indirect');
  expect(stacks.filter((stack) => functions(stack).includes('outer'))).toHaveLength(1);
  expect(section(output, 'end'), output).toContain('exited normally');
});
