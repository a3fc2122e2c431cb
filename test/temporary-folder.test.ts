import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../lib/temporary-folder.ts';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'syslets-folders-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

/** A compiler that never answers, the folder that temporary ones are made in, and who tells of them. */
function place() {
  const own = join(folder, `${count++}`);
  const [bin, temporary] = [join(own, 'bin'), join(own, 'tmp')];
  for (const one of [bin, temporary]) mkdirSync(one, { recursive: true });
  const started = join(own, 'started');
  mkdirSync(started);
  const text = `#!/bin/sh
case " $* " in *" -dumpmachine "*) echo x86_64-linux-gnu && exit ;; esac
echo $$ > ${join(started, 'pid')}
exec /bin/sleep 600
`;
  for (const name of ['cc', 'clang']) writeFileSync(join(bin, name), text, { mode: 0o755 });
  return { bin, temporary, started };
}

/** When a file is there. */
function appears(name: string, where: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(where, () => look());
    const look = () => {
      if (!existsSync(join(where, name))) return;
      watcher.close();
      resolve();
    };
    look();
  });
}

describe('a temporary folder', () => {
  it.for(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'goes with a command that %s ends',
    async (signal) => {
      const { bin, temporary, started } = place();
      const env = { ...process.env, PATH: bin, TMPDIR: temporary, SYSLETS_CLANG: 'clang' };
      const child = spawn(process.execPath, [main, 'abi', 'check', '-t', 'x86_64'], {
        env,
        detached: true,
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => child.on('exit', (code, by) => resolve(by ?? code)));
      try {
        await appears('pid', started);
        const made = readdirSync(temporary);
        expect(made.length).toBeGreaterThan(0);
        expect(made.filter((name) => !name.startsWith('syslets-'))).toEqual([]);
        child.kill(signal);
        expect(await ended).toBe(signal);
        expect(readdirSync(temporary)).toEqual([]);
      } finally {
        // The compiler that sleeps is left.
        process.kill(-(child.pid as number), 'SIGKILL');
      }
    },
  );

  it('goes when it is not needed any more, and nobody listens for signals then', () => {
    const before = process.listenerCount('SIGTERM');
    const [one, other] = [temporaryFolder('syslets-one-', folder), temporaryFolder('syslets-two-')];
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    writeFileSync(join(one.path, 'file'), '');
    one.remove();
    expect([existsSync(one.path), existsSync(other.path)]).toEqual([false, true]);
    other.remove();
    expect(existsSync(other.path)).toBe(false);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
