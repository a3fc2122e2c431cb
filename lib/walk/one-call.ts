import { SysletsError } from '../errors.ts';
import type { Kernel } from '../kernel/index.ts';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, NEWFSTATAT } from './call-numbers.ts';
import { STAT_BYTES } from './stat.ts';

/** Memory that does not move, with the path and its NUL. */
export function terminated(path: Uint8Array): Uint8Array {
  const memory = new Uint8Array(new SharedArrayBuffer(path.length + 1));
  memory.set(path);
  return memory;
}

/** struct stat of a path, or -errno. */
export function rootStat(kernel: Kernel, path: Uint8Array): Int32Array | number {
  const stat = new Int32Array(new SharedArrayBuffer(STAT_BYTES));
  return errnoOr(() => {
    kernel.complete(NEWFSTATAT, AT_FDCWD, terminated(path), stat, AT_SYMLINK_NOFOLLOW);
    return stat;
  });
}

/** What `run` returns, or the -errno of the call that failed in it. */
export function errnoOr<T>(run: () => T): T | number {
  try {
    return run();
  } catch (error) {
    if (error instanceof SysletsError) return error.errno;
    throw error;
  }
}
