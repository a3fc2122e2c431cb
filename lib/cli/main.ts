#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { NativeUnavailableError, SysletsError } from '../errors.ts';
import { abiCommand } from './abi/command.ts';
import { doctor } from './doctor.ts';
import { tour } from './tour.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

function program(): Command {
  const command = new Command('syslets')
    .description('Syslets v7 in user space, on real threads')
    .version(version)
    .addHelpText('after', '\nExamples:\n  syslets tour\n  syslets doctor --json');
  command
    .command('tour')
    .description('show, on this machine, what syslets do')
    .option('--json', 'one JSON object instead of text')
    .action(tour);
  command
    .command('doctor')
    .description('say what works on this machine, and why the rest does not')
    .option('--json', 'one JSON object instead of text')
    .action(doctor);
  command.addCommand(abiCommand());
  return command;
}

try {
  await program().parseAsync();
} catch (error) {
  if (!(error instanceof NativeUnavailableError || error instanceof SysletsError)) throw error;
  process.stderr.write(`syslets: ${error.message}\n`);
  process.exitCode = 1;
}
