import { existsSync } from 'node:fs';
import { notRegular } from '../debug-info/binary-file.ts';
import { clangFile } from './compilers.ts';
import { includesFlag } from './foreign-layout.ts';
import { HeaderError, type HeaderOptions, headerFlags } from './read-header.ts';
import { run } from './run.ts';

/** The file of a header: as it is named, else where `#include <…>` finds it on the target. */
export async function locateHeader(
  file: string,
  target: string,
  options: HeaderOptions,
): Promise<string> {
  if (existsSync(file)) {
    const fault = notRegular(file);
    if (fault) throw new HeaderError(fault);
    return file;
  }
  const missing = `there is no file or folder '${file}'`;
  if (!plain.test(file)) throw new HeaderError(missing);
  const found = await included(file, target, options);
  if (found !== undefined) return found;
  throw new HeaderError(`${missing}, and clang finds no <${file}> for ${target}`);
}

/** What can be one name in an #include, and in nothing else. */
const plain = /^[\w+-][\w./+-]*$/;

/** clang prints each file that it includes, with a dot for each level. */
async function included(file: string, target: string, options: HeaderOptions) {
  const args = [
    ...headerFlags(target, options),
    '-x',
    'c',
    '-w',
    '-E',
    includesFlag,
    '-o',
    '/dev/null',
    '-',
  ];
  const { stderr } = await run(clangFile(), args, { input: `#include <${file}>\n` });
  return /^\. (.*)$/m.exec(stderr)?.[1];
}
