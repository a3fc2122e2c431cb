import { checkInteger, expected } from '../check.ts';
import { AIO_MAX } from './constants.ts';
import { engine } from './engine.ts';

/** As `struct aioinit` of <aio.h> (GNU); what concerns glibc's threads is not there. */
export interface AioInit {
  /** Requests of this thread that may be in flight; the next is refused with EAGAIN. */
  readonly aio_num?: number;
}

/** Sets limits for this thread, at any time; GNU's aio_init. */
export function aioInit(init: AioInit): void {
  if (typeof init !== 'object' || init === null) {
    throw new TypeError(expected('init', init, 'an object'));
  }
  engine().maxRequests = checkInteger('aio_num', init.aio_num ?? AIO_MAX, 1, AIO_MAX);
}
