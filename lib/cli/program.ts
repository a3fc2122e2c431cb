import { createRequire } from 'node:module';
import { Command } from 'commander';
import { NativeUnavailableError, SysletsError } from '../errors.ts';
import { abiCommand } from './abi/command.ts';
import { doctor } from './doctor.ts';
import { exploreCommand } from './explore.ts';
import { findCommand } from './find.ts';
import { reportCommand } from './report.ts';
import { stressCommand } from './stress.ts';
import { tour } from './tour.ts';
import { traceCommand } from './trace.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const TOUR_EXAMPLES = `
Examples:
  syslets tour
  syslets tour /etc --json
  syslets tour --trace tour.html`;

const EXAMPLES = `
Examples:
  syslets tour
  syslets tour /etc --json
  syslets find /usr
  syslets stress litmus/sb --time 5s
  syslets explore litmus/sb
  syslets doctor
  syslets doctor --json`;

function program(): Command {
  const command = new Command('syslets')
    .description('Syslets v7 in user space, on real threads')
    .version(version)
    .addHelpText('after', EXAMPLES);
  command
    .command('tour')
    .description('show, on this machine, what syslets do')
    .argument('[dir]', 'directory to walk', '/usr')
    .option('--json', 'one JSON object instead of text')
    .option(
      '--trace <file>',
      'write a timeline of the hand-offs: a page if FILE is .html, else JSON',
    )
    .addHelpText('after', TOUR_EXAMPLES)
    .action(tour);
  command
    .command('doctor')
    .description('say what works on this machine, and why the rest does not')
    .option('--json', 'one JSON object instead of text')
    .addHelpText('after', '\nExamples:\n  syslets doctor\n  syslets doctor --json')
    .action(doctor);
  command.addCommand(findCommand());
  command.addCommand(abiCommand());
  command.addCommand(stressCommand());
  command.addCommand(exploreCommand());
  command.addCommand(reportCommand());
  command.addCommand(traceCommand());
  return command;
}

/** An error that its message explains: no stack trace. */
function isExplained(error: unknown): error is Error {
  return (
    error instanceof NativeUnavailableError ||
    error instanceof SysletsError ||
    (error instanceof Error && 'syscall' in error)
  );
}

/** Runs the command that the arguments of this process name. */
export async function main(): Promise<void> {
  try {
    await program().parseAsync();
  } catch (error) {
    if (!isExplained(error)) throw error;
    process.stderr.write(`syslets: ${error.message}\n`);
    process.exitCode = 1;
  }
}
