import { aboveOf, type CommandFacts, withAllBelow } from './describe.ts';

export interface ManPage {
  /** `syslets-abi-show.1` */
  readonly file: string;
  readonly text: string;
}

const SECTION = 1;
const EXIT_STATUS = 'Exit status: ';
const EXAMPLES = 'Examples:';

/** A page for the program and one for each command, all of it from what --help says. */
export function manPages(program: CommandFacts, version: string): readonly ManPage[] {
  const all = withAllBelow(program).filter(({ path }) => path.at(-1) !== 'help');
  return all.map((command) => ({
    file: `${pageName(command)}.${SECTION}`,
    text: page(command, aboveOf(command, all), version),
  }));
}

function pageName({ path }: CommandFacts): string {
  return path.join('-');
}

function page(command: CommandFacts, above: CommandFacts, version: string): string {
  const name = pageName(command);
  const { prose, exitStatus, examples } = partsOf(command.after);
  const below = command.commands.filter(({ path }) => path.at(-1) !== 'help');
  const also = [...(above === command ? [] : [above]), ...below];
  return [
    `.TH ${escaped(name.toUpperCase())} ${SECTION} "" "syslets ${version}" "syslets"`,
    section('NAME', [`${escaped(name)} \\- ${escaped(command.description)}`]),
    section('SYNOPSIS', [
      `.B ${escaped(command.path.join(' '))}`,
      escaped(command.usage.slice(command.path.join(' ').length + 1)),
    ]),
    section('DESCRIPTION', prose.flatMap(paragraph)),
    section(
      'ARGUMENTS',
      command.arguments.flatMap((one) => tagged(one.name, one.help)),
    ),
    section(
      'OPTIONS',
      command.options.flatMap((one) => tagged(one.flags, one.help)),
    ),
    section(
      'COMMANDS',
      below.flatMap((one) => tagged(`${pageName(one)}(${SECTION})`, one.description)),
    ),
    section('EXIT STATUS', exitStatus.map(escaped)),
    section('EXAMPLES', examples.length === 0 ? [] : verbatim(examples)),
    section('SEE ALSO', also.length === 0 ? [] : [also.map(reference).join(', ')]),
  ]
    .filter((text) => text !== '')
    .join('\n')
    .concat('\n');
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

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [`.SH ${title}`, ...lines].join('\n');
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
