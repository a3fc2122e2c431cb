import { Command, InvalidArgumentError } from 'commander';
import { AbiError, targets } from '../../abi/index.ts';
import { HeaderError } from '../../abi-tools/read-header.ts';
import { UserError } from '../../user-error.ts';
import { check } from './check.ts';
import { diff } from './diff.ts';
import { importHeader } from './import.ts';
import { headerOptions, targetOption } from './options.ts';
import { diagram, dump, exportType } from './pictures.ts';
import { show } from './show.ts';

const typeHelp =
  'a syslet struct, FILE.ts:TYPE, HEADER.h:TYPE or BINARY:TYPE (an object, a library, a program, a kernel module or a debug file with DWARF or BTF); TYPE@TARGET names a target too';

/** Of each command: what is typed after its name. */
const examples = {
  show: [
    'syslet_ring -t i386,x86_64',
    '/usr/include/linux/tcp.h:tcphdr -t s390x',
    'structs.ts:point --json',
    'libfoo.so:request',
    'libfoo.so --sizes',
    'program --holes 2',
    'program --containing timespec',
    '/sys/kernel/btf/vmlinux:task_struct',
  ],
  check: [
    '',
    'structs.ts -t all --require x86_64,i386',
    '--header /usr/include/linux/stat.h --struct statx',
    'structs.ts --header structs.h',
    '--header structs.h --against libfoo.so',
  ],
  diff: [
    'syslet_args@i386 syslet_args@x86_64',
    'old.h new.h',
    'old.h:point structs.ts:point',
    'libfoo.so.1 libfoo.so.2',
  ],
  import: [
    '/usr/include/linux/tcp.h -t x86_64,ppc64 -o tcp.ts',
    'include/api.h --struct request -I include -D API=2',
    'program --struct request -o request.ts',
    '/sys/kernel/btf/vmlinux --struct task_struct -o task.ts',
  ],
  export: ['syslet_ring -t x86_64,i386', 'structs.ts:point -o point.h'],
  diagram: ['syslet_args -t i386,x86_64', 'structs.ts:point -o point.svg'],
  dump: ['syslet_completion ring.bin --at 16 --count 4', 'structs.ts:point -t ppc64 - < core'],
} as const;

type Name = keyof typeof examples;

function examplesOf(name: Name, count = 9): string {
  const lines = examples[name]
    .slice(0, count)
    .map((line) => `  syslets abi ${name} ${line}`.trimEnd());
  return lines.join('\n');
}

const environment = `Environment:
  SYSLETS_CLANG             the clang that reads headers (default: the newest on the PATH)
  SYSLETS_COMPILER_TIMEOUT  seconds after which a compiler that prints nothing is ended (default: 600)`;

const targetNames = `Targets: ${Object.keys(targets).join(', ')}; NAME:c++ for C++'s rules.`;

function command(name: Name, description: string): Command {
  return new Command(name)
    .description(description)
    .addHelpText('after', `\n${targetNames}\n\n${environment}\n\nExamples:\n${examplesOf(name)}`);
}

/** A mistake of the user's is a line on stderr and exit status 2. */
function guarded<A extends unknown[]>(run: (...args: A) => Promise<void>) {
  return async (...args: A) => {
    try {
      await run(...args);
    } catch (error) {
      const isExpected =
        error instanceof UserError || error instanceof HeaderError || error instanceof AbiError;
      const isMissing = (error as NodeJS.ErrnoException).syscall !== undefined;
      if (!isExpected && !isMissing) throw error;
      process.stderr.write(`syslets abi: ${messageOf(error as NodeJS.ErrnoException)}\n`);
      process.exitCode = 2;
    }
  };
}

function messageOf({ code, path, message }: NodeJS.ErrnoException): string {
  if (path === undefined) return code === 'EISDIR' ? 'expected a file, got a folder' : message;
  if (code === 'ENOENT') return `there is no file or folder '${path}'`;
  return code === 'EISDIR' ? `'${path}' is a folder, expected a file` : message;
}

/** `syslets abi`. */
export function abiCommand(): Command {
  const names = Object.keys(examples) as Name[];
  const abi = new Command('abi')
    .description('layouts of C types: show, check, compare, import, export and draw them')
    .addHelpText('after', `\nExamples:\n${names.map((name) => examplesOf(name, 2)).join('\n')}`);
  abi.addCommand(showCommand());
  abi.addCommand(checkCommand());
  abi.addCommand(diffCommand());
  abi.addCommand(importCommand());
  abi.addCommand(exportCommand());
  abi.addCommand(diagramCommand());
  abi.addCommand(dumpCommand());
  for (const one of abi.commands) refuseTwice(one);
  return abi;
}

/** Options whose values are gathered. */
const gathering = ['target', 'require', 'include', 'define'];

/** Of an option that has one value, the last alone would count. */
function refuseTwice(command: Command): void {
  for (const option of command.options) {
    if (!option.required || gathering.includes(option.name())) continue;
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: option '${option.flags}' is given twice`);
      isGiven = true;
    });
  }
}

function showCommand(): Command {
  const made = command('show', 'members, offsets, holes and cache lines, as pahole prints them')
    .argument('<type>', `${typeHelp}; or a whole FILE, with the options that list`)
    .option('--sizes', 'each struct and union of FILE with its size, holes and padding')
    .option('--holes <count>', 'only those with at least so many holes', holeCount)
    .option('--containing <name>', 'only those that hold this type, at any depth')
    .option('--json', 'as data')
    .action(guarded(show));
  return headerOptions(targetOption(made, 'a target (default: this machine)'));
}

function holeCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('expected a number of holes from 1 up');
}

function checkCommand(): Command {
  const made = command('check', 'compile for each target and compare layouts and initialised bytes')
    .argument(
      '[file]',
      'definitions in TypeScript, a header, or a binary; default: the syslet structs',
    )
    .option(
      '--require <targets>',
      'fail unless these were checked',
      (text: string, before: readonly string[] = []) => [...before, ...text.split(',')],
    )
    .option(
      '--header <file>',
      "compare with this header's own declarations; what a definition leaves out of them differs, too",
    )
    .option('--against <file>', 'with --header: where the definitions are, such as a binary')
    .option('--struct <name>', 'only this struct')
    .option('--json', 'as data')
    .action(guarded(check))
    .addHelpText('after', '\nExit status: 0 same, 1 a difference, 2 not checked.');
  return headerOptions(targetOption(made, 'a target (default: all)'));
}

function diffCommand(): Command {
  const made = command(
    'diff',
    'two types, two targets, or two versions of a header or a binary, with the symbols that libraries export',
  )
    .argument('<a>', `${typeHelp}; or a whole FILE`)
    .argument('<b>', 'the same')
    .option('--json', 'as data')
    .action(guarded(diff))
    .addHelpText(
      'after',
      '\nA is the old one: what is new in B breaks nothing of it.\nExit status: 0 nothing breaks (no difference, or names only), 1 an offset, a value or an exported symbol does,\n2 a type could be read in one file alone, or trouble.',
    );
  return headerOptions(made);
}

function importCommand(): Command {
  const made = command('import', 'a header (comments kept) or a binary as TypeScript definitions')
    .argument(
      '<file>',
      'a header, or a binary with DWARF or BTF: an object, a library, a program, /sys/kernel/btf/vmlinux',
    )
    .option('--struct <name>', 'only this type and what it uses')
    .option('--all', 'the types of included headers too')
    .option('-o, --output <file>', 'write there')
    .action(guarded(importHeader));
  return headerOptions(targetOption(made, 'a target to merge in (default: this machine)'));
}

function exportCommand(): Command {
  const made = command('export', 'a header for C and C++ with static assertions')
    .argument('<type>', typeHelp)
    .option('-o, --output <file>', 'write there')
    .action(guarded(exportType));
  return headerOptions(targetOption(made, 'a target (default: this machine)'));
}

function diagramCommand(): Command {
  const made = command('diagram', 'a byte map as text or SVG, targets beside each other')
    .argument('<type>', typeHelp)
    .option('--svg', 'as SVG')
    .option('-o, --output <file>', 'write there; a name in .svg gives SVG')
    .action(guarded(diagram));
  return headerOptions(targetOption(made, 'a target (default: this machine)'));
}

function dumpCommand(): Command {
  const made = command('dump', "objects in a file: each member's bytes and value")
    .argument('<type>', typeHelp)
    .argument('<file>', 'a file, or - for standard input')
    .option('--at <bytes>', 'where the first one lies')
    .option('--count <n>', 'how many')
    .action(guarded(dump));
  return headerOptions(targetOption(made, 'a target (default: this machine)'));
}
