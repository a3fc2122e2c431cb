import { existsSync, readFileSync } from 'node:fs';

/** What a compiled module of ours imports from a file of ours. */
const IMPORT =
  /^(?:import|export)\b[^;]*?\bfrom ["'](\.[^"']+)["'];|\bimport\(?\s*["'](\.[^"']+)["']/gm;

/**
 * Loads a module, if it is there, and what it imports, one file at a time. Node's loader opens all
 * imports of a graph at once, which fails with EMFILE where few files may be open.
 */
export async function loadOneByOne(module: URL, seen = new Set<string>()): Promise<void> {
  if (seen.has(module.href) || !existsSync(module)) return;
  seen.add(module.href);
  for (const [, from, alone] of readFileSync(module, 'utf8').matchAll(IMPORT)) {
    await loadOneByOne(new URL(from ?? alone ?? '', module), seen);
  }
  await import(module.href);
}
