// Bun has no getSystemErrorMap, and a named import of it would keep us from saying what is wrong there
import * as util from 'node:util';

/** Results of calls that failed, by the names of errno.h: no other file of lib/ has one of its own. */
export const ENOENT = -2;
export const EINTR = -4;
export const EIO = -5;
export const EBADF = -9;
export const EAGAIN = -11;
export const EFAULT = -14;
export const EBUSY = -16;
export const ENOTDIR = -20;
export const EINVAL = -22;
export const ENFILE = -23;
export const EMFILE = -24;
export const ESPIPE = -29;
export const EPIPE = -32;
export const ENOSYS = -38;
export const ELOOP = -40;
export const ENOTSOCK = -88;
export const ENOTSUP = -95;
export const ETIMEDOUT = -110;
export const ESTALE = -116;
const LOWEST = -4095;

/** Is a result -errno? Other negative numbers are results: addresses, positions. */
export function isError(result: number): boolean {
  return result < 0 && result >= LOWEST;
}

/**
 * A call that failed.
 *
 * `errno` is negative, as Linux returns it and as Node's own errors carry it; `code` is its name
 * ("EAGAIN"); `syscall` names the call that was made.
 */
export class SysletsError extends Error {
  override readonly name = 'SysletsError';
  readonly errno: number;
  readonly code: string;
  readonly syscall: string;

  constructor(syscall: string, errno: number, explanation?: string) {
    const code = errorName(errno);
    super(`${syscall}: ${code}${explanation === undefined ? '' : `, ${explanation}`}`);
    this.errno = errno;
    this.code = code;
    this.syscall = syscall;
  }
}

/** What a call was given, for the message of its error. */
export interface FailedOn {
  readonly path?: string;
  readonly dest?: string;
  readonly explanation?: string;
}

/** A failed call as Node's own modules report one: `ENOENT: no such file or directory, stat 'x'`. */
export class CallError extends SysletsError {
  // `declare`: an error without them does not have them
  declare readonly path?: string;
  declare readonly dest?: string;

  constructor(syscall: string, errno: number, on: FailedOn = {}) {
    super(syscall, errno);
    const { path, dest, explanation } = on;
    if (path !== undefined) this.path = path;
    if (dest !== undefined) this.dest = dest;
    const from = path === undefined ? '' : ` '${path}'`;
    const to = dest === undefined ? '' : ` -> '${dest}'`;
    const why = explanation === undefined ? '' : ` (${explanation})`;
    this.message = `${this.code}: ${errorText(errno)}, ${syscall}${from}${to}${why}`;
  }
}

/** Errors of Linux that libuv has no name for: their names and texts (errno.h). */
const LINUX: ReadonlyMap<number, readonly [name: string, text: string]> = new Map([
  [-8, ['ENOEXEC', 'exec format error']],
  [-10, ['ECHILD', 'no child processes']],
  [-33, ['EDOM', 'numerical argument out of domain']],
  [-35, ['EDEADLK', 'resource deadlock avoided']],
  [-37, ['ENOLCK', 'no locks available']],
  [-42, ['ENOMSG', 'no message of desired type']],
  [-43, ['EIDRM', 'identifier removed']],
  [-60, ['ENOSTR', 'device not a stream']],
  [-62, ['ETIME', 'timer expired']],
  [-63, ['ENOSR', 'out of streams resources']],
  [-67, ['ENOLINK', 'link has been severed']],
  [-72, ['EMULTIHOP', 'multihop attempted']],
  [-74, ['EBADMSG', 'bad message']],
  [-102, ['ENETRESET', 'network dropped connection on reset']],
  [-115, ['EINPROGRESS', 'operation now in progress']],
  [-116, ['ESTALE', 'stale file handle']],
  [-122, ['EDQUOT', 'disk quota exceeded']],
]);

const systemErrors = util.getSystemErrorMap as typeof util.getSystemErrorMap | undefined;

/** What a negative errno means. */
export function errorText(errno: number): string {
  return systemErrors?.().get(errno)?.[1] ?? LINUX.get(errno)?.[1] ?? `error ${-errno}`;
}

/** Name of a negative errno; "E132" for one without. */
export function errorName(errno: number): string {
  if (!Number.isInteger(errno) || errno >= 0) {
    throw new RangeError(`errno is ${errno}, expected a negative integer as Linux returns it`);
  }
  const name = util.getSystemErrorName(errno);
  return name.startsWith('E') ? name : (LINUX.get(errno)?.[0] ?? `E${-errno}`);
}

/** The addon could not be loaded; `reason` says why, the message also what works without it. */
export class NativeUnavailableError extends Error {
  override readonly name = 'NativeUnavailableError';
  readonly code = 'ERR_SYSLETS_NO_ADDON';
  readonly reason: string;
  /** The next use tries again: what was lacking may be there by then. */
  readonly passes: boolean;

  constructor(reason: string, options?: ErrorOptions, remedy: string = BUILD, passes = false) {
    super(
      `the syslets addon is not available: ${reason}. 'syslets/abi' works without it; ` +
        `attach, sys_indirect and rings do not. ${remedy}`,
      options,
    );
    this.reason = reason;
    this.passes = passes;
  }
}

const BUILD = 'To build it: npm rebuild syslets (in a checkout: npm run build:native)';

/** Something was used after its kernel was detached, or its call released. */
export class DetachedError extends Error {
  override readonly name = 'DetachedError';
  readonly code = 'ERR_SYSLETS_DETACHED';
}
