import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { array, bits, cpp, int, long, struct, type Target, x86_64 } from '../../lib/abi/index.ts';
import { build } from '../../lib/abi-tools/ask-source.ts';
import { importFor } from '../../lib/abi-tools/import-header.ts';
import { noClang } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-words-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Directives, and what compilers define: no header may. */
const fixed =
  /^(?:define|ifdef|if|else|endif|line|defined|__clang__|__cplusplus|__cpp_char8_t|__has_builtin|__SIZE_TYPE__|syslets_.*)$/;

test.for<[string, Target]>([
  ['C', x86_64],
  ['C++', cpp(x86_64)],
])(
  'a header may have macros of all words that questions in %s are written with',
  async ([language, target], { skip }) => {
    const reason = await noClang();
    if (reason) skip(reason);
    const type = struct('words', { a: bits(int, 3), b: array(long, 2), c: struct('', { d: int }) });
    const questions = [{ name: 'struct words', type, seed: 7 }];
    const texts = [{}, { isDetailed: true }, { isBare: true }].map(
      (how) => build({ prelude: '', questions }, target, how).text,
    );
    const all = new Set(texts.join('\n').match(/[A-Za-z_]\w*/g));
    const words = [...all].filter((word) => !fixed.test(word));
    const file = join(folder, `${language}.h`);
    const declared = 'struct words { int a : 3; long b[2]; struct { int d; } c; };\n';
    writeFileSync(file, declared + words.map((word) => `#define ${word} other.${word}\n`).join(''));
    const { types, failures } = await importFor(file, target);
    expect([...failures]).toEqual([]);
    expect([...types.keys()]).toEqual(['struct words']);
  },
);
