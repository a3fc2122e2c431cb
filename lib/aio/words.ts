import { layout, placeOf } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';
import { aiocb } from './types.ts';

/** Where the members of a struct aiocb lie, as indexes of an Int32Array over it. */
const word = (path: string): number =>
  placeOf(aiocb, hostTarget, path).offset / Int32Array.BYTES_PER_ELEMENT;

export const AIOCB_BYTES = layout(aiocb, hostTarget).size;
export const AIOCB_WORDS = AIOCB_BYTES / Int32Array.BYTES_PER_ELEMENT;
/** A struct that is not aligned to this has members that atomic instructions do not reach. */
export const AIOCB_ALIGN = 8;

export const FILDES = word('aio_fildes');
export const LIO_OPCODE = word('aio_lio_opcode');
export const REQPRIO = word('aio_reqprio');
export const BUF = word('aio_buf');
export const NBYTES = word('aio_nbytes');
export const OFFSET = word('aio_offset');
export const ERROR_CODE = word('__error_code');
export const RETURN_VALUE = word('__return_value');

export const SIGEV_VALUE = word('aio_sigevent.sigev_value');
export const SIGEV_SIGNO = word('aio_sigevent.sigev_signo');
export const SIGEV_NOTIFY = word('aio_sigevent.sigev_notify');
