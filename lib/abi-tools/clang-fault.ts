import type { Target } from '../abi/index.ts';
import { clangFile, firstLine } from './compilers.ts';
import { run } from './run.ts';

/** Why clang did not read a header, for who wrote it. */

/** Lines that are shown: what follows the first errors mostly follows from them. */
const mostLines = 8;
/** Where an error was included from says its own line, and the warnings are those that we asked for. */
const isChain = /: warning: |^\.+ |^In file included from |^ {16,}from /;
const cppWord =
  /unknown type name '(?:class|namespace|template|typename|using|operator|public|private)'/;
/** As clang and as GCC say it. */
const newerWord =
  /unknown type name ['‘](?:bool|constexpr|nullptr_t)['’]|undeclared identifier '(?:nullptr|true|false)'|‘(?:nullptr|true|false)’ undeclared/;
const newerCpp = /['‘]?-std=(?:c|gnu)(\+\+\w+)['’]?/;
/** As clang and as GCC say that they do not know a word. */
const unknownWord =
  /(?:unknown type name|undeclared identifier) '(\w+)'|‘(\w+)’ (?:does not name a type|was not declared)/;
const newerWordsOfCpp: ReadonlyMap<string, string> = new Map([
  ...'alignas constexpr nullptr static_assert'.split(' ').map((one) => [one, '++11'] as const),
  ...'char8_t concept consteval constinit'.split(' ').map((one) => [one, '++20'] as const),
]);
const cppFile = /\.(?:hh|hpp|hxx|h\+\+|H)$/;

/** The compiler's first errors. */
export function headerFault(stderr: string): string {
  const lines = errorsIn(stderr);
  const rest = lines.length - mostLines;
  const more = rest > 0 ? [`… (${rest} more lines)`] : [];
  return [...lines.slice(0, mostLines), ...more].join('\n');
}

function errorsIn(stderr: string): string[] {
  const lines = stderr.trim().split('\n');
  return lines.filter((line) => !isChain.test(line));
}

/** What to do about them, where that is known. */
export function remediesFor(stderr: string, file: string): string[] {
  const errors = errorsIn(stderr).join('\n');
  const found: string[] = [];
  if (errors.includes('nested too deeply')) {
    found.push('headers that include each other need guards (#pragma once, or #ifndef)');
  }
  // A newer C makes no C of C++.
  if (cppFile.test(file) || cppWord.test(errors)) {
    const remedy =
      'for types of C++ compile what includes it with -g, and name the object in its place';
    return [...found, `headers are read as C: ${remedy}`];
  }
  return [...found, ...standardHint(errors)];
}

/** What to do about an error that a newer standard of the language would not have. */
export function standardHint(errors: string, language: Target['language'] = 'c'): string[] {
  if (language === 'c')
    return newerWord.test(errors) ? ['a header of C23 is read with --std c23'] : [];
  const [, ofClang, ofGcc = ''] = unknownWord.exec(errors) ?? [];
  const cpp = newerCpp.exec(errors)?.[1] ?? newerWordsOfCpp.get(ofClang ?? ofGcc);
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
