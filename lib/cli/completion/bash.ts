import { aboveOf, type CommandFacts, withAllBelow } from '../describe.ts';
import { argumentValue, type Names, optionValue, type Value } from './values.ts';

/**
 * The part that is the same for every program. A word that is the value of an option is no command
 * and no argument; readline makes three words of --option=value.
 */
const LOGIC = `
_syslets() {
	local current=\${COMP_WORDS[COMP_CWORD]} path=syslets place=0 option= words= list= prefix= word i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=\${COMP_WORDS[i]}
		if [[ -n $option ]]; then
			[[ $word == = ]] || option=
		elif [[ $word == -* ]]; then
			_syslets_takes "$path $word" && option=$word
		elif _syslets_command "$path $word"; then
			path="$path $word"
		else
			place=$((place + 1))
		fi
	done
	[[ $current == = ]] && current=
	if [[ -n $option ]]; then
		_syslets_words "$path $option"
	elif [[ $current == -* ]]; then
		_syslets_words "$path -"
	else
		_syslets_words "$path $place"
	fi
	if [[ -n $list && $current == *,* ]]; then
		prefix=\${current%,*},
		current=\${current##*,}
	fi
	COMPREPLY=($(compgen -P "$prefix" -W "$words" -- "$current"))
}

# where no word fits, readline offers files
complete -o default -F _syslets syslets
`;

/** The completion script of bash 3.2 and later; it needs no package bash-completion. */
export function bashScript(program: CommandFacts, names: Names): string {
  const all = withAllBelow(program);
  const paths = all.slice(1).map(({ path }) => quoted(path.join(' ')));
  const taking = all.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .flatMap(({ names: called }) => called.map((name) => quoted([...path, name].join(' ')))),
  );
  return [
    '# bash completion for syslets, made by `syslets completion bash`\n',
    `_syslets_command() {\n\tcase $1 in\n\t${paths.join(' | ')}) ;;\n\t*) return 1 ;;\n\tesac\n}\n`,
    `_syslets_takes() {\n\tcase $1 in\n\t${taking.join(' | ')}) ;;\n\t*) return 1 ;;\n\tesac\n}\n`,
    `_syslets_words() {\n\tcase $1 in\n${rows(all, names).join('')}\tesac\n}`,
    LOGIC,
  ].join('\n');
}

/** One row for each list of words, with all places where it is offered. */
function rows(all: readonly CommandFacts[], names: Names): string[] {
  const places = new Map<string, string[]>();
  const offer = (place: string, value: Value) => {
    if (value.words.length === 0) return;
    const list = value.kind === 'target' ? ' list=1' : '';
    const body = `words='${value.words.join(' ')}'${list}`;
    places.set(body, [...(places.get(body) ?? []), place]);
  };
  for (const command of all) offerAll(command, aboveOf(command, all), names, offer);
  return [...places].map(([body, where]) => `\t${where.join(' | ')}) ${body} ;;\n`);
}

function offerAll(
  command: CommandFacts,
  above: CommandFacts,
  names: Names,
  offer: (place: string, value: Value) => void,
): void {
  const path = command.path.join(' ');
  const optionNames = command.options.flatMap((option) => option.names);
  offer(quoted(`${path} -`), { kind: 'choice', words: optionNames });
  for (const option of command.options) {
    if (option.value === undefined) continue;
    const value = optionValue(option, command, above, names);
    for (const name of option.names) offer(quoted(`${path} ${name}`), value);
  }
  const below = command.commands.map((one) => one.path.at(-1) ?? '');
  offer(quoted(`${path} 0`), { kind: 'choice', words: below });
  command.arguments.forEach((argument, place) => {
    const where = argument.isVariadic ? `${quoted(`${path} `)}[0-9]*` : quoted(`${path} ${place}`);
    offer(where, argumentValue(argument, command, above, names));
  });
}

function quoted(text: string): string {
  return `'${text}'`;
}
