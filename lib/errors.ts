import { constants } from 'node:os';
import { getSystemErrorMap, getSystemErrorName } from 'node:util';

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
  readonly path?: string;
  readonly dest?: string;

  constructor(syscall: string, errno: number, on: FailedOn = {}) {
    super(syscall, errno);
    const { path, dest, explanation } = on;
    if (path !== undefined) this.path = path;
    if (dest !== undefined) this.dest = dest;
    const from = path === undefined ? '' : ` '${path}'`;
    const to = dest === undefined ? '' : ` -> '${dest}'`;
    const why = explanation === undefined ? '' : ` (${explanation})`;
    this.message = `${this.code}: ${errnoText(errno)}, ${syscall}${from}${to}${why}`;
  }
}

function errnoText(errno: number): string {
  return getSystemErrorMap().get(errno)?.[1] ?? `error ${-errno}`;
}

/** Name of a negative errno; "E132" for one that Node has no name for. */
export function errorName(errno: number): string {
  if (!Number.isInteger(errno) || errno >= 0) {
    throw new RangeError(`errno is ${errno}, expected a negative integer as Linux returns it`);
  }
  const name = getSystemErrorName(errno);
  return name.startsWith('E') ? name : (linuxName(-errno) ?? `E${-errno}`);
}

/** libuv has no name for what its own calls never fail with, such as EINPROGRESS. */
function linuxName(errno: number): string | undefined {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0];
}

/** The addon could not be loaded; `reason` says why, the message also what works without it. */
export class NativeUnavailableError extends Error {
  override readonly name = 'NativeUnavailableError';
  readonly code = 'ERR_SYSLETS_NO_ADDON';
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(
      `the syslets addon is not available: ${reason}. 'syslets/abi' works without it; ` +
        'attach, sys_indirect and rings do not. To build it: npm rebuild syslets (in a checkout: npm run build:native)',
      options,
    );
    this.reason = reason;
  }
}

/** Something was used after its kernel was detached, or its call released. */
export class DetachedError extends Error {
  override readonly name = 'DetachedError';
  readonly code = 'ERR_SYSLETS_DETACHED';
}
