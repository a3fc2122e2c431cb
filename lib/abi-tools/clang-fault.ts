import { clangFile, firstLine } from './compilers.ts';
import { run } from './run.ts';

/** Why clang did not read a header, for who wrote it. */

/** Lines that are shown: what follows the first errors mostly follows from them. */
const mostLines = 8;
/** Where an error was included from says its own line, and the warnings are those that we asked for. */
const isChain = /: warning: |^\.+ |^In file included from |^ {16,}from /;
const cppWord =
  /unknown type name '(?:class|namespace|template|typename|using|constexpr|operator|public|private)'/;
/** As clang and as GCC say it. */
const newerWord =
  /unknown type name ['‘](?:bool|constexpr|nullptr_t)['’]|undeclared identifier '(?:nullptr|true|false)'|‘(?:nullptr|true|false)’ undeclared/;
const newerCpp = /['‘]?-std=(?:c|gnu)(\+\+\w+)['’]?/;
const cppFile = /\.(?:hh|hpp|hxx|h\+\+|H)$/;

/** The compiler's errors, with what to do where that is known. */
export function headerFault(stderr: string, file: string): string {
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => !isChain.test(line));
  const rest = lines.length - mostLines;
  const shown = [...lines.slice(0, mostLines), ...(rest > 0 ? [`… (${rest} more lines)`] : [])];
  return [...shown, ...hints(lines.join('\n'), file)].join('\n');
}

function hints(errors: string, file: string): string[] {
  const found: string[] = [];
  if (errors.includes('nested too deeply')) {
    found.push('headers that include each other need guards (#pragma once, or #ifndef)');
  }
  if (cppFile.test(file) || cppWord.test(errors)) {
    found.push(
      'headers are read as C: for types of C++ compile what includes it with -g, and name the object in its place',
    );
  }
  return [...found, ...standardHint(errors)];
}

/** What to do about an error that a newer standard would not have. */
export function standardHint(errors: string): string[] {
  if (newerWord.test(errors)) return ['a header of C23 is read with --std c23'];
  const cpp = newerCpp.exec(errors)?.[1];
  return cpp === undefined ? [] : [`a header of C${cpp} is read with --std c${cpp}`];
}

/** Of a program that gave no declarations: what it is, if it is no clang. */
export async function noClangFault(): Promise<string | undefined> {
  const { status, stdout } = await run(clangFile(), ['--version']);
  const version = stdout.toString();
  if (status === 0 && /\bclang\b/.test(version)) return undefined;
  const said = firstLine(version) || 'nothing';
  return `${clangFile()} is no clang (--version says ${said}): headers are read by clang, name one in SYSLETS_CLANG`;
}
