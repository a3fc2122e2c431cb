import { CallError, EINVAL, ETIMEDOUT, type SysletsError } from '../errors.ts';
import { whyRefused } from '../kernel/index.ts';
import type { Path, Slot } from '../loop/index.ts';

/** The error of a slot's call, with the paths that it was given. */
export function failed(slot: Slot, name: string, errno: number): SysletsError {
  const { path, secondPath } = slot;
  const reason = errno === EINVAL ? whyRefused(slot.nr) : undefined;
  return new CallError(name, errno, {
    ...(path === undefined ? {} : { path: shownPath(path) }),
    ...(secondPath === undefined ? {} : { dest: shownPath(secondPath) }),
    ...(reason === undefined ? {} : { explanation: `refused by the kernel side: ${reason}` }),
  });
}

/** A name need not be UTF-8: what is not shows as U+FFFD. */
function shownPath(path: Path): string {
  return typeof path === 'string' ? path : Buffer.from(path).toString();
}

/** A call that was ended since it took longer than its timeoutMs. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ETIMEDOUT';
  readonly errno = ETIMEDOUT;
  readonly syscall: string;

  constructor(syscall: string, timeoutMs: number) {
    super(`ETIMEDOUT: ${syscall} took longer than ${timeoutMs} ms and was interrupted`);
    this.syscall = syscall;
  }
}

/** A call that was ended by its AbortSignal. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';
  readonly syscall: string;

  constructor(syscall: string, signal: AbortSignal) {
    super(`${syscall} was aborted`, { cause: signal.reason });
    this.syscall = syscall;
  }
}
