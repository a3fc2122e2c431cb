// bundle/cli/start.cjs: `syslets` itself, with what has to start quickly. It has a copy of each module that
// it needs, without what they do not use; no other file of the package imports it.

import { posix } from 'node:path';
import { transformSync } from 'esbuild';
import { rollup } from 'rollup';
import { libraries, typescript } from './code.mjs';
import { BUNDLE, isLibrary, LIB, nameOf, START } from './layout.mjs';

/** Functions that make a value of their arguments: the structs of calls that are not made go. */
const PURE = ['array', 'pointer', 'struct', 'union', 'variant', 'when'];

/** All other commands. */
const rest = {
  name: 'rest',
  resolveId: (source) => (source === './main.ts' ? { id: './main.js', external: true } : null),
};

/** Comments and names cost the start a millisecond. Errors of the program name no line of it. */
const small = {
  name: 'small',
  renderChunk(code) {
    const { code: small } = transformSync(code, { minify: true, format: 'cjs', target: 'es2022' });
    return small;
  },
};

/** A module finds what lies beside it as if it were a file of its own, in the folder that it has in lib/. */
const places = {
  name: 'places',
  resolveImportMeta(property, { moduleId, chunkId }) {
    if (property !== 'url' || isLibrary(moduleId)) return null;
    const path = posix.relative(posix.dirname(chunkId), nameOf(moduleId));
    return `require('node:url').pathToFileURL(require('node:path').join(__dirname, '${path}.js')).href`;
  },
};

export async function bundleStart() {
  const bundle = await rollup({
    input: { [START]: `${LIB}/${START}.ts` },
    plugins: [rest, libraries, typescript, places, small],
    treeshake: { manualPureFunctions: PURE, moduleSideEffects: (id) => !id.startsWith('node:') },
    onwarn(warning) {
      if (warning.code !== 'CIRCULAR_DEPENDENCY') throw new Error(warning.message);
    },
  });
  await bundle.write({
    dir: BUNDLE,
    format: 'cjs',
    banner: ({ isEntry }) => (isEntry ? '#!/usr/bin/env node' : ''),
    entryFileNames: '[name].cjs',
    chunkFileNames: 'cli/[name].cjs',
    interop: 'default',
    generatedCode: { constBindings: true },
  });
  await bundle.close();
}
