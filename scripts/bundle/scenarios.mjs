// The scenarios of bundle/: a file each, as dist/ has it, since users read and copy them, replay them by
// their file, and explore them in a realm of their own. What they share is one file.

import { readdirSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { rollup } from 'rollup';
import { BUNDLE, fileOf, LIB, ROOT } from './layout.mjs';

const SCENARIOS = `${ROOT}/dist/scenarios`;
const SHARED = 'shared/shared';

/** Each import of another part of the package is one of the file of bundle/ that it is in. */
const outside = {
  name: 'outside',
  resolveId(source, importer) {
    if (importer === undefined) return source;
    if (!source.startsWith('.')) return { id: source, external: true };
    const file = resolve(dirname(importer), source);
    if (file.startsWith(`${SCENARIOS}/`)) return file;
    const module = relative(`${ROOT}/dist`, file).replace(/\.js$/, '.ts');
    return { id: `package:${fileOf(`${LIB}/${module}`)}.js`, external: true };
  },
};

function files() {
  return readdirSync(SCENARIOS, { recursive: true })
    .filter((path) => path.endsWith('.js') && !path.startsWith('shared/'))
    .map((path) => path.replace(/\.js$/, ''));
}

export async function bundleScenarios() {
  const bundle = await rollup({
    input: Object.fromEntries(files().map((name) => [name, `${SCENARIOS}/${name}.js`])),
    plugins: [outside],
    treeshake: false,
    onwarn(warning) {
      throw new Error(warning.message);
    },
  });
  await bundle.write({
    dir: `${BUNDLE}/scenarios`,
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    manualChunks: (id) => (id.startsWith(`${SCENARIOS}/shared/`) ? SHARED : undefined),
    // all of them lie in a folder of scenarios/
    paths: (id) => id.replace(/^package:/, '../../'),
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    generatedCode: { constBindings: true },
  });
  await bundle.close();
}
