import { AsyncResource } from 'node:async_hooks';
import { checkInteger, checkWide, expected } from '../check.ts';
import { SysletsError } from '../errors.ts';
import { upperHalf } from '../ring/index.ts';
import { EINVAL, SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD } from './constants.ts';

/** `union sigval`: the same bytes as an int and as an address. */
export interface Sigval {
  readonly sival_int: number;
  readonly sival_ptr: bigint;
}

/** How a program hears that a request, or a list of them, is over. */
export type Sigevent =
  | { readonly sigev_notify: typeof SIGEV_NONE }
  | {
      /** The process gets the signal; 0 sends none, as a `struct sigevent` of zeros does in C. */
      readonly sigev_notify: typeof SIGEV_SIGNAL;
      readonly sigev_signo: number;
      readonly sigev_value?: number | bigint;
    }
  | {
      /** The function is called from the event loop, never from inside of an aio function. */
      readonly sigev_notify: typeof SIGEV_THREAD;
      readonly sigev_notify_function: (value: Sigval) => void;
      readonly sigev_value?: number | bigint;
    };

/** A sigevent in the form in which it is stored: the value by its two halves. */
export interface Notice {
  readonly notify: number;
  readonly signo: number;
  readonly low: number;
  readonly high: number;
  readonly callback: ((value: Sigval) => void) | undefined;
}

/**
 * The notice with its function bound to where the program is now: the function is called from the
 * event loop, in the asynchronous context (AsyncLocalStorage) of whoever submitted the request.
 */
export function boundNotice(notice: Notice): Notice {
  const { notify, callback } = notice;
  if (notify !== SIGEV_THREAD || callback === undefined) return notice;
  return { ...notice, callback: AsyncResource.bind(callback, 'syslets:aio', undefined) };
}

export const NO_NOTICE: Notice = Object.freeze({
  notify: SIGEV_NONE,
  signo: 0,
  low: 0,
  high: 0,
  callback: undefined,
});

const SIGNO_MAX = 64;
/** glibc's own two: a foreign one would make it believe in a setuid or a cancellation. */
const RESERVED_SIGNALS: readonly number[] = [32, 33];

/**
 * The stored form of a sigevent, given to the function `syscall`.
 *
 * @throws SysletsError EINVAL where POSIX knows no such notification.
 */
export function noticeOf(syscall: string, name: string, event: Sigevent): Notice {
  if (typeof event !== 'object' || event === null) {
    throw new TypeError(expected(name, event, 'an object with sigev_notify'));
  }
  const [low, high] = halves(`${name}.sigev_value`, 'sigev_value' in event ? event.sigev_value : 0);
  const signo = 'sigev_signo' in event ? event.sigev_signo : 0;
  const callback = 'sigev_notify_function' in event ? event.sigev_notify_function : undefined;
  const notice = { notify: event.sigev_notify, signo, low, high, callback };
  const fault = noticeFault(name, notice);
  if (fault !== undefined) throw new SysletsError(syscall, -EINVAL, fault);
  return notice;
}

/** What is wrong with a stored sigevent; undefined if it can be used. */
export function noticeFault(name: string, notice: Notice): string | undefined {
  const { notify, signo, callback } = notice;
  switch (notify) {
    case SIGEV_NONE:
      return undefined;
    case SIGEV_SIGNAL:
      if (Number.isInteger(signo) && signo >= 0 && signo <= SIGNO_MAX) {
        if (!RESERVED_SIGNALS.includes(signo)) return undefined;
      }
      return expected(`${name}.sigev_signo`, signo, 'a signal from 1 to 64, not 32 or 33, or 0');
    case SIGEV_THREAD:
      if (typeof callback === 'function') return undefined;
      return expected(`${name}.sigev_notify_function`, callback, 'a function');
    default:
      return expected(
        `${name}.sigev_notify`,
        notify,
        'SIGEV_NONE, SIGEV_SIGNAL or SIGEV_THREAD (SIGEV_THREAD_ID would name an OS thread, and JavaScript does not stay on one)',
      );
  }
}

/** The value as its reader in C sees it. */
export function sigvalOf({ low, high }: Notice): Sigval {
  const sival_ptr = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return { sival_int: low, sival_ptr };
}

function halves(name: string, value: number | bigint | undefined = 0): readonly [number, number] {
  if (typeof value === 'bigint') {
    checkWide(name, value);
    return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
  }
  checkInteger(name, value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return [value | 0, upperHalf(value)];
}

/** The sigevent that a stored one stands for. */
export function sigeventOf(notice: Notice): Sigevent {
  const { notify, signo: sigev_signo, callback } = notice;
  const sigev_value = sigvalOf(notice).sival_ptr;
  if (notify === SIGEV_SIGNAL) return { sigev_notify: notify, sigev_signo, sigev_value };
  if (notify !== SIGEV_THREAD || callback === undefined) return { sigev_notify: SIGEV_NONE };
  return { sigev_notify: notify, sigev_notify_function: callback, sigev_value };
}
