import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { UserError } from '../user-error.ts';

/**
 * The line of C that includes a file, or a header that is where the compiler looks; C has no way to
 * write some names.
 */
export function includeLine(file: string): string {
  if (!existsSync(file) && !/[>\n\r]/.test(file)) return `#include <${file}>`;
  const path = resolve(file);
  if (!/["\n\r]/.test(path)) return `#include "${path}"`;
  if (!/[>\n\r]/.test(path)) return `#include <${path}>`;
  throw new UserError(`'${path}' cannot be written in an #include of C: rename it`);
}

/** The same in a source of questions: what is wrong behind the header is not in a line of its. */
export function includeForQuestions(file: string): string {
  const name = basename(file).replaceAll(/["\\\n\r]/g, '_');
  return `#line 1 "(questions about ${name})"\n${includeLine(file)}`;
}

/** Words that our questions are written with, beside those of the header. */
const ours =
  'const unsigned signed long short int char float double struct union enum typedef extern sizeof void default __attribute__ __typeof__ _Alignof __alignof__ _Generic _Bool __int128 unavailable __builtin_offsetof __builtin_classify_type __builtin_types_compatible_p';

/** No macro has that name, and no compiler takes it in an `#undef`. */
const neverMacro = 'defined';
/** Macros of iso646.h in C, operators in C++. */
const operators = /^(?:and|and_eq|bitand|bitor|compl|not|not_eq|or|or_eq|xor|xor_eq)$/;

/** Takes back every macro of a header's whose name our questions use: members, tags, keywords. */
export function withoutMacros(names: Iterable<string>): string {
  const all = new Set(ours.split(' '));
  for (const name of names)
    for (const word of name.match(/[\p{XID_Start}_$][\p{XID_Continue}$]*/gu) ?? []) all.add(word);
  all.delete(neverMacro);
  const undef = (word: string) => `#undef ${word}\n`;
  return [...all]
    .map((word) =>
      operators.test(word) ? `#ifndef __cplusplus\n${undef(word)}#endif\n` : undef(word),
    )
    .join('');
}
