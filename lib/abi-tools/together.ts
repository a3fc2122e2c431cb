import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../temporary-folder.ts';
import { clangFile } from './compilers.ts';
import { type Outcome, start } from './run.ts';
import { contentOf, type Made, type Unit, type Wanted, type Written, written } from './unit.ts';

/**
 * Compiles units of the same flags by one start of clang, whose front end takes several sources. undefined if
 * not all went well: an error of one source changes what is said of those behind it.
 */
export async function compileTogether(
  units: readonly Unit[],
  first: Unit,
): Promise<Made[] | undefined> {
  const folder = temporaryFolder('syslets-units-');
  try {
    const end = join(folder.path, 'end.c');
    writeFileSync(end, endOfUnit);
    const args = await frontEndArgs(first, end);
    if (!args) return undefined;
    const files = units.map((unit, at) => fileOf(unit, at, folder));
    const output = written[first.wants];
    const all = output ? files : files.flatMap((file) => [file, end]);
    const outcome = await start(clangFile(), [...args, ...all]);
    if (outcome.status !== 0) return undefined;
    return output ? filesOf(files, output, outcome) : printed(units, outcome, end);
  } finally {
    folder.remove();
  }
}

function fileOf({ source }: Unit, at: number, folder: TemporaryFolder): string {
  if ('file' in source) return source.file;
  const file = join(folder.path, `${at}.in`);
  writeFileSync(file, source.text);
  return file;
}

function filesOf(files: readonly string[], { suffix }: Written, outcome: Outcome) {
  const made = files.map((file): Made => {
    return { ...outcome, file: contentOf(file.replace(/\.in$/, suffix)) };
  });
  return made.every(({ file }) => file) ? made : undefined;
}

/**
 * A source that stands behind each one that prints. clang warns of it, prints it as the next declarations,
 * and lays it out.
 */
const endOfUnit = `#pragma syslets_end_of_unit
struct syslets_end_of_unit { char end; };
typedef char syslets_end_of_unit_size[sizeof(struct syslets_end_of_unit)];
`;

const ends: Partial<Record<Wanted, RegExp>> = {
  layouts: /\*\*\* Dumping AST Record Layout\nType: struct syslets_end_of_unit\n/,
  preprocessed: /^#pragma syslets_end_of_unit$/m,
};

function printed(units: readonly Unit[], outcome: Outcome, end: string): Made[] | undefined {
  const wanted = units[0]?.wants ?? 'declarations';
  const at = ends[wanted];
  const texts = at
    ? outcome.stdout
        .toString()
        .split(at)
        .slice(0, -1)
        .map((text) => Buffer.from(text))
    : documents(outcome.stdout).filter((_, index) => index % 2 === 0);
  const warnings = warningsOf(outcome.stderr, end);
  if (texts.length !== units.length) return undefined;
  const isTold = wanted === 'declarations';
  if (isTold && warnings.length !== units.length) return undefined;
  return units.map(({ onOutput }, index): Made => {
    const stdout = texts[index] as Buffer;
    onOutput?.(stdout);
    return { status: 0, stdout, stderr: isTold ? (warnings[index] ?? '') : '' };
  });
}

/** Each declaration of JSON is one object, whose last brace stands alone. */
function documents(stdout: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let from = 0; ; ) {
    const end = stdout.indexOf(lastBrace, from);
    if (end < 0) return found;
    found.push(stdout.subarray(from, end + lastBrace.length));
    from = end + lastBrace.length;
  }
}

const lastBrace = Buffer.from('\n}');

/** What was said of each unit before clang came to the end behind it. */
function warningsOf(stderr: string, end: string): string[] {
  const found: string[] = [];
  let lines: string[] = [];
  for (const line of stderr.split('\n')) {
    if (!line.startsWith(`${end}:`)) lines.push(line);
    else {
      found.push(lines.join('\n'));
      lines = [];
    }
  }
  return found;
}

const known = new Map<string, Promise<readonly string[] | undefined>>();

/** The arguments of clang's front end, as its driver makes them. */
function frontEndArgs({ args, wants }: Unit, source: string) {
  const all = [...args, ...(written[wants]?.flags ?? [])];
  const key = JSON.stringify(all);
  const found = known.get(key) ?? askDriver(all, source);
  known.set(key, found);
  return found;
}

async function askDriver(args: readonly string[], source: string) {
  const { stderr } = await start(clangFile(), [...args, '-###', source]);
  const lines = stderr.split('\n').filter((line) => line.includes('"-cc1"'));
  const [line] = lines;
  if (line === undefined || lines.length > 1) return undefined;
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) =>
    word.replaceAll(/\\(.)/g, '$1'),
  );
  const [program, ...rest] = words;
  if (program === undefined || rest.at(-1) !== source) return undefined;
  return withoutNames(rest.slice(0, -1));
}

/** What is said of the one source, and that nothing need be freed before the end. */
function withoutNames(args: readonly string[]): string[] {
  const named = (at: number) => ['-main-file-name', '-o', '-dumpdir'].includes(args[at] ?? '');
  return args.filter((arg, at) => arg !== '-disable-free' && !named(at) && !named(at - 1));
}
