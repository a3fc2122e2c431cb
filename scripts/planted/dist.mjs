// dist/ with one or a few changed files of lib/.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { mutated, ROOT } from './mutation.mjs';

/** A copy of dist/ in `folder`, with the bug in it. */
export function plantedDist(bug, folder) {
  const dist = join(folder, 'dist');
  cpSync(join(ROOT, 'dist'), dist, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const [file, text] of mutated(bug)) {
    if (!file.startsWith('lib/')) continue;
    const output = join(dist, file.slice('lib/'.length).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, compiled(file, text));
  }
  return dist;
}

function compiled(fileName, text) {
  const config = readFileSync(join(ROOT, 'tsconfig.json'), 'utf8');
  const { compilerOptions } = JSON.parse(config);
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, ROOT);
  return ts.transpileModule(text, { fileName, compilerOptions: { ...options, noEmit: false } })
    .outputText;
}
