import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cacheFolder } from './cache-folder.ts';

/** The names under which a user's file imports this package, and where they lie beside this file. */
const OWN = {
  'syslets/abi': '../abi/index',
  'syslets/scenario': '../scenario/index',
  'syslets/linearizability': '../linearizability/index',
  syslets: '../index',
} as const;

/**
 * The exports of a user's module, TypeScript or JavaScript. Node 20 cannot load TypeScript; jiti
 * can, in any project, in workers too. This package's own names mean this very copy, so that a
 * user's file works from anywhere.
 */
export async function loadModule(file: string): Promise<object> {
  const path = resolve(file);
  if (/\.m?js$/.test(path)) {
    const loaded = await importNative(path);
    if (loaded) return loaded;
  }
  // Only here, and required: that takes a third of the time of an import, in each thread.
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti');
  // A folder of ours would be searched for modules if jiti began here.
  const jiti = createJiti(pathToFileURL(path).href, {
    alias: aliases(),
    moduleCache: false,
    // By default compiled modules are kept under foreseeable names in the shared temporary folder, and
    // run from there: whoever put a file in that place first would have it run by us.
    fsCache: cacheFolder(path) ?? false,
    esmEvalTempFile: false,
    interopDefault: false,
  });
  return (await jiti.import(path)) as object;
}

/** JavaScript that Node itself loads: no transform between the user's code and the compiler. */
async function importNative(path: string): Promise<object | undefined> {
  try {
    return (await import(pathToFileURL(path).href)) as object;
  } catch (error) {
    // Its imports may be TypeScript, or name this package where it is not installed: jiti's turn.
    const { code, name } = error as { code?: string; name?: string };
    const isJitis = code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNKNOWN_FILE_EXTENSION';
    if (isJitis || name === 'SyntaxError') return undefined;
    throw error;
  }
}

function aliases(): Record<string, string> {
  const own = Object.entries(OWN).map(([name, path]) => [
    name,
    fileURLToPath(new URL(`${path}.js`, import.meta.url)),
  ]);
  // Beside the TypeScript sources there is no JavaScript: a test of ours, and jiti finds the rest.
  return Object.fromEntries(own.filter(([, path]) => existsSync(path as string)));
}
