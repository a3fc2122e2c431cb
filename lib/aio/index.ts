/**
 * `syslets/aio`: POSIX AIO on the byte-exact control blocks of <aio.h>. Each function has POSIX's
 * name too. docs/aio.md has the clauses of the standard, and what each does here.
 */
export { Aiocb, type AiocbOptions } from './aiocb.ts';
export { aioCancel, aioCancel as aio_cancel, type CancelResult } from './cancel.ts';
export {
  AIO_ALLDONE,
  AIO_CANCELED,
  AIO_LISTIO_MAX,
  AIO_MAX,
  AIO_NOTCANCELED,
  AIO_PRIO_DELTA_MAX,
  LIO_NOP,
  LIO_NOWAIT,
  LIO_READ,
  LIO_WAIT,
  LIO_WRITE,
  O_DSYNC,
  O_SYNC,
  SI_ASYNCIO,
  SIGEV_NONE,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
} from './constants.ts';
export { type AioInit, aioInit, aioInit as aio_init } from './init.ts';
export { lioListio, lioListio as lio_listio } from './listio.ts';
export type { Sigevent, Sigval } from './sigevent.ts';
export { aioError, aioError as aio_error, aioReturn, aioReturn as aio_return } from './status.ts';
export {
  aioFsync,
  aioFsync as aio_fsync,
  aioRead,
  aioRead as aio_read,
  aioWrite,
  aioWrite as aio_write,
} from './submit.ts';
export { aioSuspend, aioSuspend as aio_suspend, type SuspendOptions } from './suspend.ts';
export { aiocb, aiocb_long_offset, aiocb64, sigevent, siginfo_t, sigval } from './types.ts';
