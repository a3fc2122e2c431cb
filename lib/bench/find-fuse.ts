import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Programs } from './find-build.ts';

const DEVICE = '/dev/fuse';
const START_MS = 10_000;

export interface SlowFiles {
  readonly delayUs: number;
  readonly directories: number;
  readonly files: number;
}

/** A mounted file system; close() unmounts it. */
export interface Mounted {
  readonly root: string;
  close(): void;
}

/** Mounts the slow file system of test/native/fuse; or says why that cannot be. */
export async function mountSlow(
  programs: Programs,
  { delayUs, directories, files }: SlowFiles,
): Promise<Mounted | { readonly why: string }> {
  if (!isThere())
    return { why: `${DEVICE} cannot be opened: load the module fuse, or run as root` };
  const built = programs.build('fuse/slow-fs.c', ['fuse3']);
  if ('why' in built) return built;
  const root = mkdtempSync(join(tmpdir(), 'syslets-slow-'));
  const args = [root, delayUs, directories, files].map(String);
  const server = spawn(built.program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const close = () => unmount(server, root);
  process.once('exit', close);
  const why = await whyNotReady(server);
  if (why === undefined) return { root, close };
  close();
  return { why: `slow-fs cannot mount: ${why}` };
}

function isThere(): boolean {
  try {
    accessSync(DEVICE, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Resolves once the server says that it is ready: undefined; or what it said instead. */
function whyNotReady(server: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = '';
    const timer = setTimeout(() => resolve(`nothing was heard of it for ${START_MS} ms`), START_MS);
    const end = (why?: string) => {
      clearTimeout(timer);
      resolve(why);
    };
    server.stdout?.once('data', () => end());
    server.stderr?.on('data', (bytes) => {
      said += bytes;
    });
    server.once('exit', (status) => end(said.trim() || `it ended with ${status}`));
    server.once('error', (error) => end(error.message));
  });
}

/** The server unmounts when it is told to end; what is busy is unmounted as soon as it is not. */
function unmount(server: ChildProcess, root: string): void {
  if (server.exitCode === null && server.signalCode === null) server.kill('SIGTERM');
  for (const [command = '', ...args] of [
    ['fusermount3', '-u', '-z', '-q', root],
    ['umount', '-l', root],
  ]) {
    if (isEmptyAfterAll(root)) return;
    spawnSync(command, args, { stdio: 'ignore' });
  }
  isEmptyAfterAll(root);
}

/** Removes the mount point; false while something is mounted there. */
function isEmptyAfterAll(root: string): boolean {
  try {
    rmdirSync(root);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
