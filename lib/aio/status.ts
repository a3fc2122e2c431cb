import { SysletsError } from '../errors.ts';
import { type Aiocb, requestOf } from './aiocb.ts';
import { EINPROGRESS, EINVAL } from './constants.ts';
import type { Request } from './request.ts';
import { ERROR_CODE, RETURN_VALUE } from './words.ts';

/**
 * EINPROGRESS while the request is in flight, 0 once it has succeeded, else the errno, positive.
 * Looks for completions first: a loop around it sees the end without the event loop.
 *
 * @throws SysletsError EINVAL if it was never submitted, or its status was retrieved.
 */
export function aioError(aiocbp: Aiocb): number {
  const request = requestOf(aiocbp);
  if (request.inFlight) poll(request);
  if (request.state === 'idle') throw retrieved('aio_error');
  return request.words[ERROR_CODE] as number;
}

/**
 * What read(), write() or fsync() would have returned. Retrieves the status: once for each request.
 *
 * @throws SysletsError with the request's errno if it failed, `syscall` being aio_read, aio_write
 * or aio_fsync; with `syscall` aio_return, EINPROGRESS while it is in flight, and EINVAL if it was
 * never submitted, or its status was retrieved.
 */
export function aioReturn(aiocbp: Aiocb): number {
  const request = requestOf(aiocbp);
  if (request.inFlight) poll(request);
  if (request.inFlight) {
    throw new SysletsError('aio_return', -EINPROGRESS, 'wait until aio_error says something else');
  }
  if (request.state === 'idle') throw retrieved('aio_return');
  request.state = 'idle';
  const { words, operation } = request;
  const error = words[ERROR_CODE] as number;
  if (error !== 0) throw new SysletsError(operation?.name ?? 'aio_return', -error);
  const low = words[RETURN_VALUE] as number;
  return (words[RETURN_VALUE + 1] as number) * 2 ** 32 + (low >>> 0);
}

function poll(request: Request): void {
  request.runner?.loop.reap();
}

function retrieved(name: string): SysletsError {
  const what = 'this aiocb was not submitted, or aio_return has given its status already';
  return new SysletsError(name, -EINVAL, what);
}
