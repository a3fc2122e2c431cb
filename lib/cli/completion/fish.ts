import { aboveOf, type CommandFacts, withAllBelow } from '../describe.ts';
import { argumentValue, type Names, optionValue, type Value } from './values.ts';

const HEAD = `# fish completion for syslets, made by \`syslets completion fish\`

# is the command line that of this command?
function __syslets_at
	set -l words (commandline -opc)
	test (count $words) -gt (count $argv)
	and test "$words[2..$(math 1 + (count $argv))]" = "$argv"
end

# and is a command below it still to be named?
function __syslets_between
	set -l words (commandline -opc)
	test (count $words) -eq (math 1 + (count $argv))
	and test "$words[2..-1]" = "$argv"
end

complete -c syslets -f
`;

/** The completion script of fish 3.4 and later. */
export function fishScript(program: CommandFacts, names: Names): string {
  const all = withAllBelow(program);
  const targets = `function __syslets_targets\n\tprintf '%s\\n' ${names.targets.join(' ')}\nend\n`;
  const lines = all.flatMap((command) => {
    const above = aboveOf(command, all);
    return linesOf(command, above, names);
  });
  return [HEAD, targets, ...lines, ''].join('\n');
}

function linesOf(command: CommandFacts, above: CommandFacts, names: Names): string[] {
  const [, ...path] = command.path;
  const here = path.length === 0 ? '__syslets_between' : `__syslets_at ${path.join(' ')}`;
  const between = ['__syslets_between', ...path].join(' ');
  const options = command.options.map((option) => {
    const called = option.names.map((name) =>
      name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
    );
    const value =
      option.value === undefined ? '' : offered(optionValue(option, command, above, names), true);
    return complete(here, [...called, value, `-d ${quoted(option.description)}`]);
  });
  const below = command.commands.map(({ path: to, description }) =>
    complete(between, [`-a ${to.at(-1)}`, `-d ${quoted(description)}`]),
  );
  const values = command.arguments.map((argument) =>
    complete(here, [offered(argumentValue(argument, command, above, names), false)]),
  );
  return [...options, ...below, ...values];
}

function complete(condition: string, parts: readonly string[]): string {
  const rest = parts.filter((part) => part !== '').join(' ');
  return `complete -c syslets -n '${condition}' ${rest}`;
}

/** Files are off for the program as a whole: -F turns them on, and an option needs -r or -x. */
function offered({ kind, words }: Value, ofOption: boolean): string {
  const required = ofOption ? '-r ' : '';
  const list = quoted(words.join(' '));
  if (kind === 'target')
    return `${ofOption ? '-x ' : ''}-a '(__fish_complete_list , __syslets_targets)'`;
  if (kind === 'file') return `${required}-F`;
  if (kind === 'folder') return `${ofOption ? '-x ' : ''}-a '(__fish_complete_directories)'`;
  if (kind === 'scenario' || kind === 'type') return `${required}-F -a ${list}`;
  if (words.length === 0) return ofOption ? '-x' : '';
  return `${ofOption ? '-x ' : ''}-a ${list}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
