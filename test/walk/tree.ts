import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty directory; `remove` goes deeper than PATH_MAX, and into what may not be read. */
export class Tree {
  readonly root = mkdtempSync(join(tmpdir(), 'syslets-walk-'));

  /** Bytes of a path below the root. */
  path(name: string | Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${this.root}/`), Buffer.from(name)]);
  }

  /** Runs a shell script in the root. */
  shell(script: string): void {
    const { status, stderr } = spawnSync('bash', ['-ec', script], {
      cwd: this.root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the tree could not be made: ${stderr}`);
  }

  remove(): void {
    spawnSync('bash', ['-c', 'chmod -R u+rwx "$0" 2>/dev/null; rm -rf "$0"', this.root]);
  }
}
