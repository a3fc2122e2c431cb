import type { Argument, Command, Help, Option } from 'commander';

/** What is known of one command: the source of its man page and of the shells' completions. */
export interface CommandFacts {
  /** How it is called: `['syslets', 'abi', 'show']`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly usage: string;
  readonly arguments: readonly ArgumentFacts[];
  readonly options: readonly OptionFacts[];
  /** What --help says after the options: explanations, exit status, examples. */
  readonly after: string;
  /** Those below it, `help` too. */
  readonly commands: readonly CommandFacts[];
}

export interface ArgumentFacts {
  readonly name: string;
  /** As --help shows it, with default and choices. */
  readonly help: string;
  readonly choices: readonly string[];
  readonly isVariadic: boolean;
}

export interface OptionFacts {
  /** As they are typed: `-t`, `--target`. */
  readonly names: readonly string[];
  /** As --help shows them, with the value. */
  readonly flags: string;
  readonly description: string;
  /** The description with default and choices. */
  readonly help: string;
  /** What the value is called in --help; undefined of an option that takes none. */
  readonly value: string | undefined;
  readonly choices: readonly string[];
}

export function describe(command: Command, above: readonly string[] = []): CommandFacts {
  const help = command.createHelp();
  const path = [...above, command.name()];
  return {
    path,
    description: command.description(),
    usage: [...path, command.usage()].join(' ').trimEnd(),
    arguments: command.registeredArguments.map((one) => argumentFacts(one, help)),
    options: help.visibleOptions(command).map((one) => optionFacts(one, help)),
    after: textAfter(command),
    commands: help.visibleCommands(command).map((one) => describe(one, path)),
  };
}

/** All commands, each before those below it. */
export function withAllBelow(facts: CommandFacts): readonly CommandFacts[] {
  return [facts, ...facts.commands.flatMap(withAllBelow)];
}

/** The command that it is a command of; the program is below none. */
export function aboveOf(command: CommandFacts, all: readonly CommandFacts[]): CommandFacts {
  return all.find(({ commands }) => commands.includes(command)) ?? command;
}

function argumentFacts(argument: Argument, help: Help): ArgumentFacts {
  return {
    name: argument.name(),
    help: help.argumentDescription(argument),
    choices: argument.argChoices ?? [],
    isVariadic: argument.variadic,
  };
}

function optionFacts(option: Option, help: Help): OptionFacts {
  const [, value] = /[<[]([^>\]]+)[>\]]/.exec(option.flags) ?? [];
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    flags: option.flags,
    description: option.description,
    help: help.optionDescription(option),
    value,
    choices: option.argChoices ?? [],
  };
}

/** commander makes this text only while it prints the help. */
function textAfter(command: Command): string {
  const { writeOut } = command.configureOutput();
  let printed = '';
  command.configureOutput({
    writeOut: (text) => {
      printed += text;
    },
  });
  command.outputHelp();
  if (writeOut) command.configureOutput({ writeOut });
  return printed.slice(command.helpInformation().length).trim();
}
