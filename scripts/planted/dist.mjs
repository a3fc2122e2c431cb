// dist/ with one or a few changed files of lib/.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { mutated, ROOT } from './mutation.mjs';

/** A copy of dist/ in `folder`, with the bug in it. */
export function plantedDist(bug, folder) {
  const dist = join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
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
  const config = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
  // by itself a file does not tell that its package is of ES modules
  const asModules = { module: 'esnext', moduleResolution: 'bundler', noEmit: false };
  const given = { ...config.compilerOptions, ...asModules };
  const { options } = ts.convertCompilerOptionsFromJson(given, ROOT);
  return ts.transpileModule(text, { fileName, compilerOptions: options }).outputText;
}
