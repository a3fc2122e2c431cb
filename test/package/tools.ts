import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOLS = fileURLToPath(new URL('./tools', import.meta.url));

/** A file of a package that users' projects have, and this one has not. */
export function tool(path: string): string {
  return join(TOOLS, 'node_modules', path);
}

/** They are fetched at first; why they are not there. */
export function whyNoTools(): string | undefined {
  if (existsSync(tool('.package-lock.json'))) return undefined;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: TOOLS });
  return status === 0 ? undefined : 'jest, webpack and an older TypeScript cannot be fetched here';
}
