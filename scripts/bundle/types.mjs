// The types of what package.json exports, from the declarations of dist/: one file for each entry,
// and one with what they share, so that a class is the same in all of them.

import { dirname, resolve } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { BUNDLE, PUBLIC, ROOT } from './layout.mjs';

/** A declaration names the source, x.ts, and lies beside it as x.d.ts. */
const declarations = {
  name: 'declarations',
  resolveId(source, importer) {
    if (importer === undefined) return source;
    if (!source.startsWith('.')) return { id: source, external: true };
    return resolve(dirname(importer), source.replace(/\.ts$/, '.d.ts'));
  },
};

export async function bundleTypes() {
  const bundle = await rollup({
    input: Object.fromEntries(PUBLIC.map((name) => [name, `${ROOT}/dist/${name}.d.ts`])),
    plugins: [declarations, dts()],
    onwarn(warning) {
      if (warning.code !== 'CIRCULAR_DEPENDENCY') throw new Error(warning.message);
    },
  });
  await bundle.write({
    dir: BUNDLE,
    format: 'es',
    entryFileNames: '[name].d.ts',
    chunkFileNames: '[name].d.ts',
    manualChunks: (id) =>
      PUBLIC.some((name) => id === `${ROOT}/dist/${name}.d.ts`) ? undefined : 'types',
    minifyInternalExports: false,
    hoistTransitiveImports: false,
  });
  await bundle.close();
}
