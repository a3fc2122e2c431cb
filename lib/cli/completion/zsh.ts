import { aboveOf, type CommandFacts, type OptionFacts, withAllBelow } from '../describe.ts';
import { argumentValue, type Kind, type Names, optionValue, type Value } from './values.ts';

/** Read from $fpath it is the function's body; sourced it says what completes. */
const END = `
if [[ $funcstack[1] == _syslets ]]; then
	_syslets "$@"
else
	compdef _syslets syslets
fi
`;

/** The completion script of zsh: both for a folder of $fpath and for \`source\`. */
export function zshScript(program: CommandFacts, names: Names): string {
  const all = withAllBelow(program);
  const functions = all.map((command) => {
    const above = aboveOf(command, all);
    return functionOf(command, above, names);
  });
  return (
    [
      '#compdef syslets',
      '# zsh completion for syslets, made by `syslets completion zsh`\n',
      `_syslets_targets_() {\n\t_values -s , target ${names.targets.join(' ')}\n}\n`,
      orFiles('_syslets_types_', 'type', names.types),
      orFiles('_syslets_scenarios_', 'scenario', names.scenarios),
      orFiles('_syslets_explored_', 'scenario', names.explored),
      ...functions,
    ].join('\n') + END
  );
}

/** A function that offers names, and files beside them. */
function orFiles(name: string, what: string, words: readonly string[]): string {
  const list = `'${what}s:${what}:(${words.join(' ')})'`;
  return `${name}() {\n\t_alternative ${list} 'files:file:_files'\n}\n`;
}

function functionOf(command: CommandFacts, above: CommandFacts, names: Names): string {
  const specs = [
    ...command.options.map((option) => optionSpec(option, actionOf(option, command, above, names))),
    ...(command.commands.length > 0 ? commandSpecs(command) : argumentSpecs(command, above, names)),
  ];
  const lines = specs.map((spec) => ` \\\n\t\t${spec}`).join('');
  const name = command.path.join('_');
  if (command.commands.length === 0) {
    return `_${name}() {\n\t_arguments -s -S${lines}\n}\n`;
  }
  const cases = command.commands.map(({ path }) => `\t\t${path.at(-1)}) _${path.join('_')} ;;\n`);
  return (
    `_${name}() {\n\tlocal curcontext=$curcontext state line\n\ttypeset -A opt_args\n` +
    `\t_arguments -s -S -C${lines}\n` +
    `\t[[ $state == below ]] && case $words[1] in\n${cases.join('')}\tesac\n}\n`
  );
}

function commandSpecs({ commands }: CommandFacts): string[] {
  const list = commands.map(
    ({ path, description }) => `${path.at(-1)}\\:${inQuotes(`"${inList(description)}"`)}`,
  );
  return [`'1:command:((${list.join(' ')}))'`, `'*::argument:->below'`];
}

function argumentSpecs(command: CommandFacts, above: CommandFacts, names: Names): string[] {
  return command.arguments.map((argument, place) => {
    const action = actionFor(argumentValue(argument, command, above, names), command);
    const where = argument.isVariadic ? '*' : String(place + 1);
    return `'${where}:${argument.name}:${action}'`;
  });
}

/** An option with a value may be given again; one without is offered once. */
function optionSpec({ names, description, value }: OptionFacts, action: string): string {
  const text = inQuotes(description.replace(/[[\]:\\]/g, '\\$&'));
  const called = names.map((name) =>
    value !== undefined && name.startsWith('--') ? `${name}=` : name,
  );
  const rest = `[${text}]${value === undefined ? '' : `:${value.replace(/[:\\]/g, '\\$&')}:${action}`}'`;
  const before = value === undefined ? `(${names.join(' ')})` : '*';
  if (called.length === 1) return `'${before}${called[0]}${rest}`;
  return `'${before}'{${called.join(',')}}'${rest}`;
}

function actionOf(
  option: OptionFacts,
  command: CommandFacts,
  above: CommandFacts,
  names: Names,
): string {
  return option.value === undefined
    ? ''
    : actionFor(optionValue(option, command, above, names), command);
}

function actionFor({ kind, words }: Value, { path }: CommandFacts): string {
  const explores = path.at(-1) === 'explore';
  const actions: Partial<Record<Kind | 'choice', string>> = {
    file: '_files',
    folder: '_files -/',
    target: '_syslets_targets_',
    type: '_syslets_types_',
    scenario: explores ? '_syslets_explored_' : '_syslets_scenarios_',
    none: ' ',
  };
  return actions[kind] ?? `(${words.join(' ')})`;
}

function inList(text: string): string {
  return text.replace(/["\\$`:()]/g, '\\$&');
}

function inQuotes(text: string): string {
  return text.replaceAll("'", "'\\''");
}
