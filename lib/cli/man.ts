import { aboveOf, type CommandFacts, withAllBelow } from './describe.ts';

export interface ManPage {
  /** `syslets-abi-show.1` */
  readonly file: string;
  readonly text: string;
}

const SECTION = 1;
const EXIT_STATUS = 'Exit status: ';
const EXAMPLES = 'Examples:';

/** Names in a path of a command that has a page of its own: the program, and its commands. */
const PAGE_DEPTH = 2;

/**
 * A page for the program and one for each command, all of it from what --help says. Commands of a command,
 * such as `syslets abi show`, are sections of its page.
 */
export function manPages(program: CommandFacts, version: string): readonly ManPage[] {
  const all = withAllBelow(program).filter(isToldOf);
  return all
    .filter(({ path }) => path.length <= PAGE_DEPTH)
    .map((command) => ({
      file: `${pageName(command)}.${SECTION}`,
      text: page(command, aboveOf(command, all), version),
    }));
}

const isToldOf = ({ path }: CommandFacts): boolean => path.at(-1) !== 'help';

function pageName({ path }: CommandFacts): string {
  return path.join('-');
}

function page(command: CommandFacts, above: CommandFacts, version: string): string {
  const name = pageName(command);
  const below = command.commands.filter(isToldOf);
  const pages = [...(above === command ? [] : [above]), ...below].filter(
    ({ path }) => path.length <= PAGE_DEPTH,
  );
  return [
    `.TH ${escaped(name.toUpperCase())} ${SECTION} "" "syslets ${version}" "syslets"`,
    section('NAME', [`${escaped(name)} \\- ${escaped(command.description)}`]),
    section('SYNOPSIS', synopsis(command)),
    ...body(command),
    section(
      'COMMANDS',
      below.flatMap((one) => tagged(title(one), one.description)),
    ),
    ...below.filter(({ path }) => path.length > PAGE_DEPTH).flatMap(inner),
    section('SEE ALSO', pages.length === 0 ? [] : [pages.map(reference).join(', ')]),
  ]
    .filter((text) => text !== '')
    .join('\n')
    .concat('\n');
}

/** A command in the list of those of another: by its page, or by how it is called. */
function title(command: CommandFacts): string {
  const { path } = command;
  return path.length <= PAGE_DEPTH ? `${pageName(command)}(${SECTION})` : path.join(' ');
}

/** The section of a command on the page of the one above it. */
function inner(command: CommandFacts): readonly string[] {
  const [, ...path] = command.path;
  const lines = [...synopsis(command), '.PP', escaped(command.description)];
  return [section(escaped(path.join(' ').toUpperCase()), lines), ...body(command, '.SS')];
}

function synopsis({ path, usage }: CommandFacts): string[] {
  const called = path.join(' ');
  return [`.B ${escaped(called)}`, escaped(usage.slice(called.length + 1))];
}

function body(command: CommandFacts, macro: Heading = '.SH'): readonly string[] {
  const { prose, exitStatus, examples } = partsOf(command.after);
  return [
    section('DESCRIPTION', prose.flatMap(paragraph), macro),
    section(
      'ARGUMENTS',
      command.arguments.flatMap((one) => tagged(one.name, one.help)),
      macro,
    ),
    section(
      'OPTIONS',
      command.options.flatMap((one) => tagged(one.flags, one.help)),
      macro,
    ),
    section('EXIT STATUS', exitStatus.map(escaped), macro),
    section('EXAMPLES', examples.length === 0 ? [] : verbatim(examples), macro),
  ];
}

interface Parts {
  readonly prose: readonly (readonly string[])[];
  readonly exitStatus: readonly string[];
  readonly examples: readonly string[];
}

/** The text after the options: paragraphs, two of which have a section of their own. */
function partsOf(text: string): Parts {
  const paragraphs = text
    .replaceAll(`\n${EXIT_STATUS}`, `\n\n${EXIT_STATUS}`)
    .split(/\n{2,}/)
    .map((one) => one.split('\n'))
    .filter(([first = '']) => first !== '');
  const startsWith = (start: string) => (one: readonly string[]) =>
    one[0]?.startsWith(start) === true;
  const status = paragraphs.find(startsWith(EXIT_STATUS)) ?? [];
  const examples = paragraphs.find(startsWith(EXAMPLES)) ?? [];
  return {
    prose: paragraphs.filter((one) => one !== status && one !== examples),
    exitStatus: status.map((line) => line.replace(EXIT_STATUS, '')),
    examples: examples.slice(1),
  };
}

/** Of a section, or of one in it. */
type Heading = '.SH' | '.SS';

function section(title: string, lines: readonly string[], macro: Heading = '.SH'): string {
  return lines.length === 0 ? '' : [`${macro} ${title}`, ...lines].join('\n');
}

/** Lines that are set in, such as a list of modes, stay as they are. */
function paragraph(lines: readonly string[]): string[] {
  const isSetIn = (line: string) => line.startsWith('  ');
  const text = lines.filter((line) => !isSetIn(line)).map(escaped);
  const list = lines.filter(isSetIn);
  return ['.PP', ...text, ...(list.length === 0 ? [] : verbatim(list))];
}

function verbatim(lines: readonly string[]): string[] {
  return ['.PP', '.RS 4', '.nf', ...lines.map((line) => escaped(line.trim())), '.fi', '.RE'];
}

function tagged(term: string, text: string): string[] {
  return ['.TP', `.B ${escaped(term)}`, escaped(text)];
}

function reference(command: CommandFacts): string {
  return `${escaped(pageName(command))}(${SECTION})`;
}

/** A backslash and a dot or quote that begins a line mean something to roff; - is no hyphen here. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}
