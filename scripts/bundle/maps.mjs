// Source maps of bundle/: those of what programs import hold the sources, a third of the package.

import { decode, encode } from '@jridgewell/sourcemap-codec';
import { isLibrary } from './layout.mjs';

/** Characters of code for which a file of its own would be too much. */
const SHORT = 32_000;

/** Where a line begins, and where the line of the source changes: that is what a frame shows. */
function thin(mappings) {
  const lines = decode(mappings).map((segments) =>
    segments.filter((segment, at) => {
      const before = segments[at - 1];
      return before === undefined || segment[1] !== before[1] || segment[2] !== before[2];
    }),
  );
  // names of variables go: nothing has been renamed
  return encode(lines.map((segments) => segments.map((segment) => segment.slice(0, 4))));
}

/** A frame of the command shows its place; for the source of that the repository is there. */
function withoutSources(map) {
  const { sourcesContent: _, ...rest } = map;
  return rest;
}

function thinned(source, name) {
  const map = JSON.parse(source);
  const kept = name.startsWith('cli/') ? withoutSources(map) : map;
  return JSON.stringify({ ...kept, names: [], mappings: thin(map.mappings) });
}

function inlined(code, map) {
  const url = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
  return code.replace(/# sourceMappingURL=.*\n$/, () => `# sourceMappingURL=${url}\n`);
}

const isEmpty = ({ modules }) => Object.values(modules).every(({ code }) => !code?.trim());

const isForeign = ({ moduleIds }) => moduleIds.some(isLibrary);

/** Short files have theirs inside, and a list of exports needs none. */
export const maps = {
  name: 'maps',
  generateBundle(_, bundle) {
    for (const [name, file] of Object.entries(bundle)) {
      if (file.type !== 'chunk') continue;
      const asset = bundle[`${name}.map`];
      asset.source = thinned(asset.source, name);
      if (file.code.length > SHORT && !isForeign(file)) continue;
      file.code =
        isEmpty(file) || isForeign(file)
          ? file.code.replace(/\/\/# sourceMappingURL=.*\n$/, '')
          : inlined(file.code, asset.source);
      delete bundle[`${name}.map`];
    }
  },
};
