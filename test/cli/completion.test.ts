import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { program } from '../../lib/cli/commands.ts';
import { describe as describeCommand, withAllBelow } from '../../lib/cli/describe.ts';
import { runProgram } from './run.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const COMMANDS = withAllBelow(describeCommand(await program()));
let folder = '';
const scripts = new Map<Shell, string>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'syslets-completion-'));
  for (const shell of SHELLS) {
    const { status, stdout, stderr } = runProgram('cli/main.js', ['completion', shell]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    scripts.set(shell, stdout);
    writeFileSync(join(folder, shell), stdout);
  }
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true }));

function isThere(shell: Shell): boolean {
  return spawnSync(shell, ['--version']).status === 0;
}

/** Runs lines of a shell after its script was read; the lines that it printed. */
function run(shell: Shell, lines: string): readonly string[] {
  const none = { bash: ['--norc', '--noprofile'], zsh: ['-f'], fish: ['--no-config'] }[shell];
  const { status, stdout, stderr } = spawnSync(shell, [...none, '-c', lines], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, HOME: folder, TERM: 'dumb', LC_ALL: 'C.UTF-8' },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

/** What readline would show; it makes words of its own of what stands round an =. */
function inBash(line: string): readonly string[] {
  const words = line.split(/ |(?<==)|(?==)/);
  const quoted = words.map((word) => `'${word}'`).join(' ');
  return run(
    'bash',
    `source ./bash; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _syslets
    [[ \${#COMPREPLY[@]} -eq 0 ]] || printf '%s\\n' "\${COMPREPLY[@]}"`,
  );
}

/** Words alone: fish shows a description behind a tab. */
function inFish(line: string): readonly string[] {
  const shown = run('fish', `source ./fish; complete -C '${line}'`);
  return shown.map((one) => one.split('\t')[0] ?? '');
}

/** zsh completes on a terminal only: one inside zsh, which reads until the word is shown. */
function inZsh(line: string, expected: string): readonly string[] {
  return run(
    'zsh',
    `zmodload zsh/zpty; zpty shell zsh -f -i
    zpty -w shell 'autoload -U compinit; compinit -u -D; source ./zsh; LISTMAX=9999'
    zpty -w shell 'PS1=; zle-line-init() { print -r -- now-""editing }; zle -N zle-line-init'
    zpty -r shell text '*now-editing*'
    zpty -w -n shell $'${line}\\t\\t'
    zpty -r shell text '*${expected}*' && print completed
    zpty -d shell`,
  );
}

const CASES: readonly (readonly [line: string, ...some: string[]])[] = [
  ['syslets ', 'find', 'abi', 'completion', 'help'],
  ['syslets st', 'stress'],
  ['syslets abi ', 'show', 'diagram'],
  ['syslets help ', 'stress'],
  ['syslets abi help ', 'import'],
  ['syslets find --', '--print', '--null', '--mode', '--json', '--help'],
  ['syslets find --mode ', 'syslets', 'sync', 'promises'],
  ['syslets find --mode pr', 'promises'],
  ['syslets abi show --json -t ', 'i386', 'x86_64', 'all'],
  ['syslets abi show syslet_r', 'syslet_ring'],
  ['syslets abi show -t i386 syslet_r', 'syslet_ring'],
  ['syslets abi diff syslet_args syslet_r', 'syslet_ring'],
  ['syslets stress litmus/s', 'litmus/sb', 'litmus/sb-atomics'],
  ['syslets stress litmus/sb ring/many', 'ring/many-completers'],
  ['syslets stress lit', 'litmus'],
  ['syslets explore kernel/park-b', 'kernel/park-blind'],
  ['syslets explore --strategy ', 'uniform', 'pct'],
  ['syslets completion ', 'bash', 'zsh', 'fish'],
];

describe('bash', () => {
  test.each(CASES)('%j completes', (line, ...some) => {
    expect(inBash(line)).toEqual(expect.arrayContaining(some));
  });

  test('`complete -p` has it, with files where no word fits', () => {
    expect(run('bash', 'source ./bash; complete -p syslets')).toEqual([
      'complete -o default -F _syslets syslets',
    ]);
    expect(inBash('syslets report ')).toEqual([]);
    expect(inBash('syslets stress --json ')).toEqual([]);
  });

  test('a value behind = and targets behind a comma', () => {
    expect(inBash('syslets find --mode=')).toEqual(['syslets', 'sync', 'promises']);
    expect(inBash('syslets find --mode=pr')).toEqual(['promises']);
    expect(inBash('syslets abi show --target=i386 syslet_ri')).toEqual(['syslet_ring']);
    expect(inBash('syslets abi show -t i386,ppc')).toEqual(['i386,ppc64', 'i386,ppc64le']);
  });

  test('the value of an option is no command', () => {
    expect(inBash('syslets find --mode sync --pr')).toEqual(['--print']);
    expect(inBash('syslets stress --filter find --see')).toEqual(['--seed']);
  });

  test('a scenario that `explore` alone has is not offered to `stress`', () => {
    expect(inBash('syslets stress kernel/park-b')).toEqual([]);
  });
});

describe.each(['fish', 'zsh'] as const)('%s', (shell) => {
  const isMissing = !isThere(shell);
  const why = `${shell} is not installed`;

  test('the script has no mistake of syntax', ({ skip }) => {
    skip(isMissing, why);
    run(shell, `${shell} -n ./${shell}`);
  });

  test.for(CASES)('%j completes', ([line, ...some], { skip }) => {
    skip(isMissing, why);
    if (shell === 'fish') expect(inFish(line)).toEqual(expect.arrayContaining(some));
    else expect(inZsh(line, some.at(-1) ?? '')).toEqual(['completed']);
  });
});

test.each(SHELLS)('%s: the name of every option is in the script', (shell) => {
  const script = scripts.get(shell) ?? '';
  const lost = COMMANDS.flatMap(({ path, options }) =>
    options.flatMap(({ names }) =>
      names
        .map((name) =>
          shell === 'fish' ? name.replace(/^--/, '-l ').replace(/^-(\w)$/, '-s $1') : name,
        )
        .filter((name) => !new RegExp(`${name}(?![\\w-])`).test(script))
        .map((name) => `${path.join(' ')} ${name}`),
    ),
  );
  expect(lost).toEqual([]);
});

test('--help says how to install it, for each shell', () => {
  const { stdout } = runProgram('cli/main.js', ['completion', '--help']);
  for (const shell of SHELLS)
    expect(stdout).toMatch(new RegExp(`^ {2}.*syslets completion ${shell}`, 'm'));
});
