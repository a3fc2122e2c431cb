import { createRequire } from 'node:module';
import { Command } from 'commander';
import { mayOpenFewFiles } from './few-files.ts';
import { loadOneByOne } from './load-one-by-one.ts';

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
  ['completion', async () => (await import('./completion/command.ts')).completionCommand()],
]);

/** A command is in a file of its name, or in a folder of that name. */
async function loadSparingly(name: string): Promise<void> {
  const ending = import.meta.url.slice(-'.js'.length);
  for (const path of [name, `${name}/command`]) {
    await loadOneByOne(new URL(`./${path}${ending}`, import.meta.url));
  }
}

const VERSION_FLAGS = ['-V', '--version'];

/** The command that is asked for; none for the version, and all where nothing of it is named. */
function needed(asked: string): Iterable<string> {
  if (VERSION_FLAGS.includes(asked)) return [];
  return COMMANDS.has(asked) ? [asked] : COMMANDS.keys();
}

/** The program with the command that is asked for; with all commands where none is. */
export async function program(asked = ''): Promise<Command> {
  const command = new Command('syslets')
    .description('Syslets v7 in user space, on real threads')
    .version(version, VERSION_FLAGS.join(', '))
    .addHelpText('after', EXAMPLES);
  for (const name of needed(asked)) {
    if (mayOpenFewFiles()) await loadSparingly(name);
    const load = COMMANDS.get(name) as () => Promise<Command>;
    command.addCommand(await load());
  }
  return strict(command);
}

/** A mistake in the arguments ends the process with status 2, in each command below too. */
function strict(command: Command): Command {
  for (const below of command.commands) strict(below);
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISTAKE));
}
