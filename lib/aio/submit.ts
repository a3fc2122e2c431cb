import { shown } from '../check.ts';
import { type Aiocb, requestOf } from './aiocb.ts';
import { checkPriority, checkRequest, invalid } from './check-request.ts';
import { O_DSYNC, O_SYNC } from './constants.ts';
import { engine } from './engine.ts';
import { DATA_SYNC, READ, SYNC, WRITE } from './operation.ts';

/**
 * Reads aio_nbytes at aio_offset of the file, or the next ones of a descriptor that cannot seek,
 * into aio_buf. If that does not block it is over when this returns; else it goes on by itself.
 *
 * @throws SysletsError EAGAIN if too many are in flight; EINVAL for a bad aio_reqprio or
 * aio_sigevent; EINPROGRESS for a block that is in flight. What read() would fail with is the
 * request's status.
 */
export function aioRead(aiocbp: Aiocb): void {
  const request = requestOf(aiocbp);
  checkRequest('aio_read', request);
  engine().submit(request, READ);
}

/** Writes, as aioRead reads. Throws likewise. In append mode aio_offset is not looked at. */
export function aioWrite(aiocbp: Aiocb): void {
  const request = requestOf(aiocbp);
  checkRequest('aio_write', request);
  engine().submit(request, WRITE);
}

/**
 * Brings to the disk what the requests wrote that are in flight for the file of aio_fildes now;
 * `op` is O_SYNC, as fsync does, or O_DSYNC, as fdatasync does. Later requests do not wait for it.
 * If one that it waited for has failed, the errno of that is its status.
 *
 * @throws SysletsError as aioRead; EINVAL for any other `op`.
 */
export function aioFsync(op: typeof O_SYNC | typeof O_DSYNC, aiocbp: Aiocb): void {
  const request = requestOf(aiocbp);
  if (op !== O_SYNC && op !== O_DSYNC) {
    throw invalid('aio_fsync', `op is ${shown(op)}, expected O_SYNC or O_DSYNC`);
  }
  request.checkFree('aio_fsync');
  checkPriority('aio_fsync', request);
  engine().submit(request, op === O_SYNC ? SYNC : DATA_SYNC);
}
