import type { ArgumentFacts, CommandFacts, OptionFacts } from '../describe.ts';

/** What a shell may offer for an argument or for the value of an option. */
export type Kind = 'file' | 'folder' | 'target' | 'scenario' | 'type' | 'command' | 'none';

/** By what --help calls it. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...named('file', 'file', 'files', 'script'),
  ...named('folder', 'folder', 'dir'),
  ...named('target', 'target', 'targets'),
  ...named('scenario', 'scenarios'),
  ...named('type', 'type', 'a', 'b'),
  ...named('command', 'command'),
  ...named('none', 'number', 'time', 'text', 'list', 'name', 'name=value', 'macro', 'string'),
  ...named('none', 'count', 'bytes', 'n', 'i/n', 'calls'),
]);

function named(kind: Kind, ...names: readonly string[]): [string, Kind][] {
  return names.map((name) => [name, kind]);
}

/** Names that a shell may offer beside files. */
export interface Names {
  readonly targets: readonly string[];
  readonly types: readonly string[];
  /** Of `syslets stress`, with their groups. */
  readonly scenarios: readonly string[];
  /** Of `syslets explore`: those, and the kernel side's. */
  readonly explored: readonly string[];
}

/** A value, as a shell offers it. */
export interface Value {
  readonly kind: Kind | 'choice';
  readonly words: readonly string[];
}

/** @throws Error where --help gives a value a name that the table above does not have. */
export function optionValue(
  { value: name, choices }: Pick<OptionFacts, 'value' | 'choices'>,
  command: CommandFacts,
  above: CommandFacts,
  names: Names,
): Value {
  if (choices.length > 0) return { kind: 'choice', words: choices };
  const kind = KINDS.get((name ?? '').replace(/\.+$/, ''));
  if (kind === undefined) throw new Error(`completion: no kind is known for a value <${name}>`);
  const explores = command.path.at(-1) === 'explore';
  const words: Partial<Record<Kind, readonly string[]>> = {
    target: names.targets,
    type: names.types,
    scenario: explores ? names.explored : names.scenarios,
    command: above.commands.map(({ path }) => path.at(-1) ?? ''),
  };
  return { kind, words: words[kind] ?? [] };
}

export function argumentValue(
  { name, choices }: ArgumentFacts,
  command: CommandFacts,
  above: CommandFacts,
  names: Names,
): Value {
  return optionValue({ value: name, choices }, command, above, names);
}
