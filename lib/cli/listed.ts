import { Command } from 'commander';
import { bare, strict } from './bare.ts';

/** What the help of the program says of a command. */
interface Listed {
  readonly term: string;
  readonly description: string;
}

/**
 * In the order of the help, which is made of what stands here: loading all commands takes 0.3 s
 * (test/cli/status.test.ts compares).
 */
export const LISTED = {
  tour: {
    term: 'tour [options] [dir]',
    description: 'show, on this machine, what syslets do',
  },
  doctor: {
    term: 'doctor [options]',
    description: 'say what works on this machine, and why the rest does not',
  },
  find: {
    term: 'find [options] <dir>',
    description: 'walk a directory: count its entries and add up their bytes',
  },
  abi: {
    term: 'abi',
    description: 'layouts of C types: show, check, compare, import, export and draw them',
  },
  stress: {
    term: 'stress [options] [scenarios...]',
    description: 'run concurrency tests on real threads and grade what was seen',
  },
  explore: {
    term: 'explore [options] [scenarios...]',
    description: 'say what scenarios can do: every schedule of them, with the shortest that fails',
  },
  report: {
    term: 'report [options] <files...>',
    description: 'merge and grade what `syslets stress` and `syslets explore` have recorded',
  },
  trace: {
    term: 'trace [options] <script...>',
    description: "write a timeline of a script's system calls, threads and hand-offs",
  },
  completion: {
    term: 'completion <shell>',
    description: 'print a script with which a shell completes this program',
  },
} satisfies Readonly<Record<string, Listed>>;

export type CommandName = keyof typeof LISTED;

/** The program whose commands are in its own help alone. */
export function listedProgram(): Command {
  const terms = new Map<string, string>(
    Object.entries(LISTED).map(([name, { term }]) => [name, term]),
  );
  const command = bare();
  for (const [name, { description }] of Object.entries(LISTED)) {
    command.addCommand(new Command(name).description(description));
  }
  const subcommandTerm = (one: Command) => terms.get(one.name()) ?? 'help [command]';
  return strict(command.configureHelp({ subcommandTerm }));
}
