// Builds the scripts of the HTML pages: lib/report/client, compiled for a browser, one file a page in
// dist/report/client, beside the style sheets.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = `${ROOT}/lib/report/client`;
const COMPILED = `${ROOT}/build/client/report/client`;
const TARGET = `${ROOT}/dist/report/client`;
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

execFileSync(process.execPath, [tsc, '-p', `${ROOT}/tsconfig.client.json`], { stdio: 'inherit' });
mkdirSync(TARGET, { recursive: true });
for (const page of readdirSync(SOURCES)) {
  if (page.endsWith('.css')) copyFileSync(`${SOURCES}/${page}`, `${TARGET}/${page}`);
  if (!page.endsWith('-page.ts')) continue;
  const name = page.replace(/\.ts$/, '.js');
  const bundle = await rollup({ input: `${COMPILED}/${name}` });
  await bundle.write({ file: `${TARGET}/${name}`, format: 'iife' });
  await bundle.close();
}
