import { Command } from 'commander';
import { AbiError } from '../../abi/index.ts';
import { HeaderError } from '../../abi-tools/read-header.ts';
import { UserError } from '../../abi-tools/user-error.ts';
import { check } from './check.ts';
import { diff } from './diff.ts';
import { importHeader } from './import.ts';
import { headerOptions, targetOption } from './options.ts';
import { diagram, dump, exportType } from './pictures.ts';
import { show } from './show.ts';

const typeHelp = 'a syslet struct, FILE.ts:TYPE or HEADER.h:TYPE; TYPE@TARGET names a target too';

const examples = `
Examples:
  syslets abi show syslet_ring --target i386 --target x86_64
  syslets abi show /usr/include/linux/tcp.h:tcphdr --target s390x
  syslets abi check structs.ts --target all --require x86_64,i386
  syslets abi check --header /usr/include/linux/stat.h --struct statx
  syslets abi diff syslet_args@i386 syslet_args@x86_64
  syslets abi import /usr/include/linux/tcp.h --target x86_64,ppc64 -o tcp.ts
  syslets abi export syslet_ring --target x86_64,i386
  syslets abi diagram syslet_args --target i386,x86_64 -o args.svg
  syslets abi dump syslet_completion ring.bin --at 16 --count 4`;

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
      process.stderr.write(`syslets abi: ${(error as Error).message}\n`);
      process.exitCode = 2;
    }
  };
}

/** `syslets abi`. */
export function abiCommand(): Command {
  const abi = new Command('abi')
    .description('layouts of C types: show, check, compare, import, export and draw them')
    .addHelpText('after', examples);
  abi.addCommand(showCommand());
  abi.addCommand(checkCommand());
  abi.addCommand(diffCommand());
  abi.addCommand(importCommand());
  abi.addCommand(exportCommand());
  abi.addCommand(diagramCommand());
  abi.addCommand(dumpCommand());
  return abi;
}

function showCommand(): Command {
  const command = new Command('show')
    .description('members, offsets, holes and cache lines, as pahole prints them')
    .argument('<type>', typeHelp)
    .option('--json', 'as data')
    .action(guarded(show));
  return headerOptions(targetOption(command, 'a target (default: this machine)'));
}

function checkCommand(): Command {
  const command = new Command('check')
    .description('compile for each target and compare layouts and initialised bytes')
    .argument('[file]', 'definitions in TypeScript, or a header; default: the syslet structs')
    .option('--require <targets>', 'fail unless these were checked', (text: string) =>
      text.split(','),
    )
    .option('--header <file>', "compare with this header's own declarations")
    .option('--struct <name>', 'only this struct')
    .option('--json', 'as data')
    .action(guarded(check))
    .addHelpText('after', '\nExit status: 0 same, 1 a difference, 2 not checked.');
  return headerOptions(targetOption(command, 'a target (default: all)'));
}

function diffCommand(): Command {
  const command = new Command('diff')
    .description('two types, two targets, or two versions of a header')
    .argument('<a>', `${typeHelp}; or a whole FILE`)
    .argument('<b>', 'the same')
    .option('--json', 'as data')
    .action(guarded(diff))
    .addHelpText('after', '\nExit status: 0 no difference, 1 a difference, 2 trouble.');
  return headerOptions(command);
}

function importCommand(): Command {
  const command = new Command('import')
    .description('a header as TypeScript definitions, comments kept')
    .argument('<header>', 'a header')
    .option('--struct <name>', 'only this type and what it uses')
    .option('--all', 'the types of included headers too')
    .option('-o, --output <file>', 'write there')
    .action(guarded(importHeader));
  return headerOptions(targetOption(command, 'a target to merge in (default: this machine)'));
}

function exportCommand(): Command {
  const command = new Command('export')
    .description('a C header with static assertions')
    .argument('<type>', typeHelp)
    .option('-o, --output <file>', 'write there')
    .action(guarded(exportType));
  return headerOptions(targetOption(command, 'a target (default: this machine)'));
}

function diagramCommand(): Command {
  const command = new Command('diagram')
    .description('a byte map as text or SVG, targets beside each other')
    .argument('<type>', typeHelp)
    .option('--svg', 'as SVG')
    .option('-o, --output <file>', 'write there; a name in .svg gives SVG')
    .action(guarded(diagram));
  return headerOptions(targetOption(command, 'a target (default: this machine)'));
}

function dumpCommand(): Command {
  const command = new Command('dump')
    .description("objects in a file: each member's bytes and value")
    .argument('<type>', typeHelp)
    .argument('<file>', 'a file, or - for standard input')
    .option('--at <bytes>', 'where the first one lies')
    .option('--count <n>', 'how many')
    .action(guarded(dump));
  return headerOptions(targetOption(command, 'a target (default: this machine)'));
}
