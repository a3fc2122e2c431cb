// Node's own headers: taken from the installation that runs us, where it has them.

import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The directory to pass as node-gyp's --nodedir, or undefined where only a download helps. */
export function findNodeDir(execPath = process.execPath, version = process.versions.node) {
  const real = realpathSync(execPath);
  const prefixes = [dirname(dirname(real)), dirname(dirname(execPath))];
  return prefixes.find((prefix) => headersVersion(prefix) === version);
}

/** Version of the headers under a prefix ("20.20.2"); undefined where there are none. */
export function headersVersion(prefix) {
  try {
    const text = readFileSync(join(prefix, 'include', 'node', 'node_version.h'), 'utf8');
    const part = (name) => text.match(new RegExp(`#define NODE_${name}_VERSION (\\d+)`))?.[1];
    return `${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}`;
  } catch {
    return undefined;
  }
}
