// The JavaScript of bundle/, with source maps that hold the sources.

import { readFileSync } from 'node:fs';
import { dirname, posix, relative, resolve } from 'node:path';
import { build, transformSync } from 'esbuild';
import { rollup } from 'rollup';
import {
  BUNDLE,
  chunkOf,
  isLibrary,
  LIB,
  LIBRARIES,
  libraryId,
  nameOf,
  PUBLIC,
  ROOT,
  STARTED,
} from './layout.mjs';
import { maps } from './maps.mjs';

/** Types are left out, and comments: they are in the sources that the maps hold. */
export const typescript = {
  name: 'typescript',
  resolveId(source, importer) {
    if (importer === undefined) return source;
    return source.startsWith('.')
      ? resolve(dirname(importer), source)
      : { id: source, external: true };
  },
  load(id) {
    const source = readFileSync(id, 'utf8');
    const options = { loader: 'ts', target: 'es2022', sourcemap: 'external', sourcefile: id };
    return transformSync(source, options);
  },
};

/** commander names it for commands that are programs of their own: loading it takes longer than the rest. */
const later = {
  name: 'later',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, () => ({
      path: 'later',
      namespace: 'later',
    }));
    build.onLoad({ filter: /./, namespace: 'later' }, () => ({
      contents: `exports.spawn = (...args) => process.getBuiltinModule('node:child_process').spawn(...args);`,
    }));
  },
};

const REQUIRE = `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);`;

/** Every command needs them: as the files that a registry has of them they take twice the time to load. */
export const libraries = {
  name: 'libraries',
  resolveId: (source) => (Object.hasOwn(LIBRARIES, source) ? libraryId(source) : null),
  async load(id) {
    const name = Object.keys(LIBRARIES).find((one) => libraryId(one) === id);
    if (name === undefined) return null;
    const { outputFiles } = await build({
      stdin: {
        contents: `export ${LIBRARIES[name]} from '${name}'`,
        resolveDir: ROOT,
      },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: 'es2022',
      plugins: [later],
      write: false,
    });
    const licence = readFileSync(`${ROOT}/node_modules/${name}/LICENSE`, 'utf8');
    return `/*! ${name}\n\n${licence}*/\n${REQUIRE}\n${outputFiles[0].text}`;
  },
};

/** A module finds what lies beside it as if it were a file of its own, in the folder that it has in lib/. */
const places = {
  name: 'places',
  resolveImportMeta(property, { moduleId, chunkId }) {
    if (property !== 'url' || isLibrary(moduleId)) return null;
    const own = `${nameOf(moduleId)}.js`;
    if (own === chunkId) return null;
    const path = posix.relative(posix.dirname(chunkId), own);
    return `new URL('${path.startsWith('.') ? path : `./${path}`}', import.meta.url).href`;
  },
};

/** The scripts and style sheets of the HTML pages (scripts/client.mjs), in the module that reads them. */
const pages = {
  name: 'pages',
  load(id) {
    if (id !== `${LIB}/report/client-file.ts`) return null;
    const names = [
      'page.css',
      'report-page.css',
      'report-page.js',
      'trace-page.css',
      'trace-page.js',
    ];
    const files = names.map((name) => [
      name,
      readFileSync(`${ROOT}/dist/report/client/${name}`, 'utf8'),
    ]);
    const text = JSON.stringify(Object.fromEntries(files), null, 2);
    return `const FILES = ${text};\nexport const clientFile = (name) => FILES[name];\n`;
  },
};

/** Scenarios import what these two export by the names that it has in lib/. */
const NAMED = ['base.js', 'kernel.js'];

function checkNames(output) {
  const clashing = output
    .filter(({ fileName }) => NAMED.includes(fileName))
    .flatMap(({ exports }) => exports.filter((name) => name.includes('$')));
  if (clashing.length > 0) {
    throw new Error(`two modules of one file export one name: ${clashing.join(', ')}`);
  }
}

export async function bundleCode() {
  const input = Object.fromEntries(
    [...PUBLIC, ...STARTED].map((name) => [name, `${LIB}/${name}.ts`]),
  );
  const bundle = await rollup({
    input,
    plugins: [libraries, pages, typescript, places, maps],
    preserveEntrySignatures: 'strict',
    treeshake: false,
    onwarn(warning) {
      // two modules of one folder that call each other: they end up in one file
      if (warning.code !== 'CIRCULAR_DEPENDENCY') throw new Error(warning.message);
    },
  });
  const { output } = await bundle.write({
    dir: BUNDLE,
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    manualChunks: chunkOf,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    sourcemap: true,
    // beside the code: a frame of it is known by its folder, mapped or not
    sourcemapPathTransform: (path, map) => {
      const file = resolve(dirname(map), path);
      const name = relative(LIB, file);
      return posix.relative(dirname(relative(BUNDLE, map)), name);
    },
    generatedCode: { constBindings: true },
  });
  await bundle.close();
  checkNames(output);
}
