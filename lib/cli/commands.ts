import { Command } from 'commander';
import { mayOpenFewFiles } from './few-files.ts';
import { loadOneByOne } from './load-one-by-one.ts';
import { VERSION_FLAGS, version } from './version.ts';

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

/** What the help of the program says of a command, and where the command is. */
interface Listed {
  readonly term: string;
  readonly description: string;
  readonly load: () => Promise<Command>;
}

/**
 * In the order of the help. Loading one takes tens of milliseconds, all of them 0.3 s: the help of the
 * program is made of what stands here (test/cli/status.test.ts compares).
 */
const COMMANDS: ReadonlyMap<string, Listed> = new Map(
  Object.entries({
    tour: {
      term: 'tour [options] [dir]',
      description: 'show, on this machine, what syslets do',
      load: async () => (await import('./tour.ts')).tourCommand(),
    },
    doctor: {
      term: 'doctor [options]',
      description: 'say what works on this machine, and why the rest does not',
      load: async () => (await import('./doctor.ts')).doctorCommand(),
    },
    find: {
      term: 'find [options] <dir>',
      description: 'walk a directory: count its entries and add up their bytes',
      load: async () => (await import('./find.ts')).findCommand(),
    },
    abi: {
      term: 'abi',
      description: 'layouts of C types: show, check, compare, import, export and draw them',
      load: async () => (await import('./abi/command.ts')).abiCommand(),
    },
    stress: {
      term: 'stress [options] [scenarios...]',
      description: 'run concurrency tests on real threads and grade what was seen',
      load: async () => (await import('./stress.ts')).stressCommand(),
    },
    explore: {
      term: 'explore [options] [scenarios...]',
      description:
        'say what scenarios can do: every schedule of them, with the shortest that fails',
      load: async () => (await import('./explore.ts')).exploreCommand(),
    },
    report: {
      term: 'report [options] <files...>',
      description: 'merge and grade what `syslets stress` and `syslets explore` have recorded',
      load: async () => (await import('./report.ts')).reportCommand(),
    },
    trace: {
      term: 'trace [options] <script...>',
      description: "write a timeline of a script's system calls, threads and hand-offs",
      load: async () => (await import('./trace.ts')).traceCommand(),
    },
    completion: {
      term: 'completion <shell>',
      description: 'print a script with which a shell completes this program',
      load: async () => (await import('./completion/command.ts')).completionCommand(),
    },
  } satisfies Readonly<Record<string, Listed>>),
);

/** A command is in a file of its name, or in a folder of that name. */
async function loadSparingly(name: string): Promise<void> {
  const ending = import.meta.url.slice(-'.js'.length);
  for (const path of [name, `${name}/command`]) {
    await loadOneByOne(new URL(`./${path}${ending}`, import.meta.url));
  }
}

async function loaded(name: string): Promise<Command> {
  if (mayOpenFewFiles()) await loadSparingly(name);
  return (COMMANDS.get(name) as Listed).load();
}

/** A command in the help of the program alone. */
function listed(name: string): Command {
  return new Command(name).description((COMMANDS.get(name) as Listed).description);
}

/** The program with all commands. */
export function program(): Promise<Command> {
  return programOf([...COMMANDS.keys()]);
}

/**
 * The program with the commands that are needed where this is its first argument: the one that it names;
 * all for `help`, after which one is named; else they are in the program's own help alone.
 */
export async function programFor(asked: string): Promise<Command> {
  if (asked === 'help') return program();
  if (COMMANDS.has(asked)) return programOf([asked]);
  const command = bare();
  for (const name of COMMANDS.keys()) command.addCommand(listed(name));
  const subcommandTerm = (one: Command) => COMMANDS.get(one.name())?.term ?? 'help [command]';
  return strict(command.configureHelp({ subcommandTerm }));
}

async function programOf(names: readonly string[]): Promise<Command> {
  const command = bare();
  for (const name of names) command.addCommand(await loaded(name));
  return strict(command);
}

function bare(): Command {
  return new Command('syslets')
    .description('Syslets v7 in user space, on real threads')
    .version(version, VERSION_FLAGS.join(', '))
    .addHelpText('after', EXAMPLES);
}

/** A mistake in the arguments ends the process with status 2, in each command below too. */
function strict(command: Command): Command {
  for (const below of command.commands) strict(below);
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISTAKE));
}
