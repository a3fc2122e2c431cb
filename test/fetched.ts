import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const FETCH_TIMEOUT_MS = 150_000; // of all tries
const TRIES = 3;

const reasons = new Map<string, string | undefined>();

/**
 * Fetches the packages that the lock file of the folder `home` names, unless they are there. Why they
 * cannot be had: `names` are not to be had.
 */
export function whyNotFetched(home: string, names: string): string | undefined {
  if (!reasons.has(home)) {
    const end = performance.now() + FETCH_TIMEOUT_MS;
    for (let tries = 0; !isThere(home) && tries < TRIES; tries++) fetchBeside(home, end);
    reasons.set(home, isThere(home) ? undefined : `${names} cannot be fetched here`);
  }
  return reasons.get(home);
}

// npm writes this file last
function isThere(home: string): boolean {
  return existsSync(join(home, 'node_modules/.package-lock.json'));
}

/** In a folder beside, which is then put into place: another process may be fetching them, too. */
function fetchBeside(home: string, end: number): void {
  const own = mkdtempSync(join(home, 'fetching-'));
  try {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
      copyFileSync(join(home, name), join(own, name));
    }
    const options = { cwd: own, timeout: Math.max(1, Math.ceil(end - performance.now())) };
    const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], options);
    if (status !== 0) return;
    // one without the file above was never whole
    if (existsSync(join(home, 'node_modules')) && !isThere(home)) {
      renameSync(join(home, 'node_modules'), join(own, 'half'));
    }
    renameSync(join(own, 'node_modules'), join(home, 'node_modules'));
  } catch (error) {
    // the other was quicker
    if (!isThere(home)) throw error;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
