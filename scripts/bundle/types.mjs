// The types of what package.json exports, from the declarations of dist/: one file for each entry,
// and one with what they share, so that a class is the same in all of them.

import { writeFileSync } from 'node:fs';
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

/** From TypeScript 5.7 on these take the type of their buffer. */
const ARRAYS = [
  'Uint8Array',
  'Uint8ClampedArray',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
];
const GENERIC = new RegExp(`\\b(${ARRAYS.join('|')})<`, 'g');

/** What an older TypeScript takes for `#arrays`: each array without the type of its buffer. */
const PLAIN = 'arrays-5.6.d.ts';
const BUFFER = 'B extends ArrayBufferLike = ArrayBufferLike';

/**
 * package.json has two files for `#arrays`: for an older TypeScript PLAIN, and else the file itself that
 * imports it, which exports what an older one has to ignore.
 */
const arrays = {
  name: 'arrays',
  renderChunk(code) {
    const used = new Set([...code.matchAll(GENERIC)].map(([, name]) => `${name}Of`));
    if (used.size === 0) return null;
    const renamed = code.replaceAll(GENERIC, '$1Of<');
    const own = ARRAYS.flatMap((name) => [
      '// @ts-ignore',
      `type ${name}By<${BUFFER}> = ${name}<B>;`,
    ]);
    const exported = ARRAYS.map((name) => `${name}By as ${name}Of`);
    return [
      `import type { ${[...used].sort().join(', ')} } from '#arrays';`,
      ...own,
      renamed,
      `export type { ${exported.join(', ')} };\n`,
    ].join('\n');
  },
};

function writeArrays() {
  const lines = ARRAYS.map((name) => `export type ${name}Of<_${BUFFER}> = ${name};\n`);
  writeFileSync(`${BUNDLE}/${PLAIN}`, lines.join(''));
}

export async function bundleTypes() {
  const bundle = await rollup({
    input: Object.fromEntries(PUBLIC.map((name) => [name, `${ROOT}/dist/${name}.d.ts`])),
    plugins: [declarations, dts(), arrays],
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
  writeArrays();
}
