import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In the package the explorer's own C sources are one file, by path (scripts/bundle.mjs). */
const PACKED = fileURLToPath(new URL('../explorer.json', import.meta.url));

/**
 * A folder with the C sources that the package has in one file, made in `builds` at the first call;
 * undefined in a checkout, where they lie in native/.
 */
export function unpacked(builds: string): string | undefined {
  if (!existsSync(PACKED)) return undefined;
  const text = readFileSync(PACKED, 'utf8');
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const folder = join(builds, `sources-${name}`);
  if (existsSync(folder)) return folder;
  // whole or not at all: another process may be compiling from it
  const part = mkdtempSync(`${folder}.`);
  for (const [path, source] of Object.entries(JSON.parse(text) as Record<string, string>)) {
    mkdirSync(dirname(join(part, path)), { recursive: true });
    writeFileSync(join(part, path), source);
  }
  moveTo(part, folder);
  return folder;
}

function moveTo(part: string, folder: string): void {
  try {
    renameSync(part, folder);
  } catch (error) {
    rmSync(part, { recursive: true });
    // another process was first
    if (!existsSync(folder)) throw error;
  }
}
