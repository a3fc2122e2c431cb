import { Command } from 'commander';
import { VERSION_FLAGS, version } from './version.ts';
import { terminalOfErrors, terminalOfOutput, writeError, writeOut } from './write-out.ts';

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

/** The program without commands. Those that are added to it write as it does. */
export function bare(): Command {
  return new Command('syslets')
    .description('Syslets v7 in user space, on real threads')
    .version(version, VERSION_FLAGS.join(', '))
    .addHelpText('after', EXAMPLES)
    .configureOutput({
      writeOut,
      writeErr: writeError,
      getOutHelpWidth: () => terminalOfOutput()?.columns as number,
      getErrHelpWidth: () => terminalOfErrors()?.columns as number,
      getOutHasColors: () => terminalOfOutput()?.hasColors() === true,
      getErrHasColors: () => terminalOfErrors()?.hasColors() === true,
    });
}

/** A mistake in the arguments ends the process with status 2, in each command below too. */
export function strict(command: Command): Command {
  for (const below of command.commands) strict(below.configureOutput(command.configureOutput()));
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISTAKE));
}
