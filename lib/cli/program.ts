import { createRequire } from 'node:module';
import { Command } from 'commander';
import { NativeUnavailableError, SysletsError } from '../errors.ts';
import { CLOSED_OUTPUT, isClosedOutput } from './closed-output.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** The command was called wrongly. commander's own is 1, which says that something was found. */
const MISTAKE = 2;

const EXAMPLES = `
Examples:
  syslets tour
  syslets tour /etc --json
  syslets find /usr
  syslets stress litmus/sb --time 5s
  syslets explore litmus/sb
  syslets doctor
  syslets doctor --json`;

/** In the order of the help. Loading one takes tens of milliseconds, all of them 0.3 s. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['tour', async () => (await import('./tour.ts')).tourCommand()],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand()],
  ['find', async () => (await import('./find.ts')).findCommand()],
  ['abi', async () => (await import('./abi/command.ts')).abiCommand()],
  ['stress', async () => (await import('./stress.ts')).stressCommand()],
  ['explore', async () => (await import('./explore.ts')).exploreCommand()],
  ['report', async () => (await import('./report.ts')).reportCommand()],
  ['trace', async () => (await import('./trace.ts')).traceCommand()],
]);

const VERSION_FLAGS = ['-V', '--version'];

/** The command that is asked for; none for the version, and all where nothing of it is named. */
function needed(asked: string): Iterable<() => Promise<Command>> {
  if (VERSION_FLAGS.includes(asked)) return [];
  const only = COMMANDS.get(asked);
  return only ? [only] : COMMANDS.values();
}

async function program(asked: string): Promise<Command> {
  const command = new Command('syslets')
    .description('Syslets v7 in user space, on real threads')
    .version(version, VERSION_FLAGS.join(', '))
    .addHelpText('after', EXAMPLES);
  for (const load of needed(asked)) command.addCommand(await load());
  return strict(command);
}

/** A mistake in the arguments ends the process with status 2, in each command below too. */
function strict(command: Command): Command {
  for (const below of command.commands) strict(below);
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISTAKE));
}

/** `| head` closes the output before its end: that is no failure, and what is left is not made. */
function endWithOutput(error: NodeJS.ErrnoException): void {
  if (!isClosedOutput(error)) throw error;
  process.exit(CLOSED_OUTPUT);
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
  process.stdout.on('error', endWithOutput);
  try {
    const command = await program(process.argv[2] ?? '');
    await command.parseAsync();
  } catch (error) {
    if (!isExplained(error)) throw error;
    process.stderr.write(`syslets: ${error.message}\n`);
    process.exitCode = 1;
  }
}
