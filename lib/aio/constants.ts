import { constants } from 'node:os';

/** Values of <aio.h>, <signal.h> and <fcntl.h> on Linux; a test compares them. */

/** What aio_cancel returns. */
export const AIO_CANCELED = 0;
export const AIO_NOTCANCELED = 1;
export const AIO_ALLDONE = 2;

/** `aio_lio_opcode`: what a request of lio_listio does. */
export const LIO_READ = 0;
export const LIO_WRITE = 1;
export const LIO_NOP = 2;

/** The mode of lio_listio. */
export const LIO_WAIT = 0;
export const LIO_NOWAIT = 1;

/** `sigev_notify`. */
export const SIGEV_SIGNAL = 0;
export const SIGEV_NONE = 1;
export const SIGEV_THREAD = 2;
/** `si_code` of a signal that says that a request is over. */
export const SI_ASYNCIO = -4;

/** What aio_fsync brings to the disk: data and what is needed to find it again, or all metadata. */
export const O_DSYNC = 0o10000;
export const O_SYNC = 0o4010000;

/** `aio_reqprio` is from 0 to this, as in glibc. */
export const AIO_PRIO_DELTA_MAX = 20;
/** Entries of one lio_listio. */
export const AIO_LISTIO_MAX = 65_536;
/** Requests in flight of one thread, unless aioInit says otherwise. */
export const AIO_MAX = 65_000;

export const { EAGAIN, EBADF, ECANCELED, EFAULT, EINPROGRESS, EINTR, EINVAL, EIO, ESPIPE } =
  constants.errno;
