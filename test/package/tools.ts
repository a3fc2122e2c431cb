import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOLS = fileURLToPath(new URL('./tools', import.meta.url));
const FETCH_TIMEOUT_MS = 150_000;

/** A file of a package that users' projects have, and this one has not. */
export function tool(path: string): string {
  return join(TOOLS, 'node_modules', path);
}

let reason: string | undefined;

/** They are fetched at first; why they are not there. */
export function whyNoTools(): string | undefined {
  if (existsSync(tool('.package-lock.json'))) return undefined;
  reason ??= fetchTools();
  return reason || undefined;
}

/** Beside, and then put into place: another file of tests may be fetching them, too. '' if they are there. */
function fetchTools(): string {
  const own = mkdtempSync(join(TOOLS, 'fetching-'));
  try {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
      copyFileSync(join(TOOLS, name), join(own, name));
    }
    const options = { cwd: own, timeout: FETCH_TIMEOUT_MS };
    const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], options);
    if (status === 0) renameSync(join(own, 'node_modules'), join(TOOLS, 'node_modules'));
  } catch (error) {
    if (!existsSync(tool('.package-lock.json'))) throw error;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  const isThere = existsSync(tool('.package-lock.json'));
  return isThere ? '' : 'jest, webpack and an older TypeScript cannot be fetched here';
}
