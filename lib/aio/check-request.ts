import { expected } from '../check.ts';
import { SysletsError } from '../errors.ts';
import { AIO_PRIO_DELTA_MAX, EINVAL, SIGEV_NONE } from './constants.ts';
import type { Request } from './request.ts';
import { noticeFault } from './sigevent.ts';
import { REQPRIO, SIGEV_NOTIFY } from './words.ts';

/**
 * Throws unless the request can be submitted: TypeError or RangeError where its memory is not what
 * aio_nbytes says, SysletsError where a member has a value that POSIX knows an errno for.
 */
export function checkRequest(name: string, request: Request): void {
  request.checkFree(name);
  checkPriority(name, request);
  request.memory?.check(request.words);
}

/** As checkRequest, for aio_fsync, which looks at no buffer. */
export function checkPriority(name: string, request: Request): void {
  const { words } = request;
  const priority = words[REQPRIO] as number;
  if (priority < 0 || priority > AIO_PRIO_DELTA_MAX) {
    throw invalid(
      name,
      expected('aio_reqprio', priority, `an integer from 0 to ${AIO_PRIO_DELTA_MAX}`),
    );
  }
  if (words[SIGEV_NOTIFY] === SIGEV_NONE) return;
  const fault = noticeFault('aio_sigevent', request.notice());
  if (fault !== undefined) throw invalid(name, fault);
}

export function invalid(name: string, what: string): SysletsError {
  return new SysletsError(name, -EINVAL, what);
}
