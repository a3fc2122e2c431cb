import { checkInteger } from '../check.ts';
import { SysletsError } from '../errors.ts';
import { type Aiocb, requestOf } from './aiocb.ts';
import { invalid } from './check-request.ts';
import { AIO_ALLDONE, AIO_CANCELED, AIO_NOTCANCELED, EBADF, ECANCELED } from './constants.ts';
import { type Engine, engine } from './engine.ts';
import type { Request } from './request.ts';
import { waitUntil } from './suspend.ts';
import { ERROR_CODE } from './words.ts';

export type CancelResult = typeof AIO_CANCELED | typeof AIO_NOTCANCELED | typeof AIO_ALLDONE;

const INT_MAX = 0x7fff_ffff;

/** A signal that came just before the call went to sleep did not wake it: it is sent again. */
const AGAIN_MS = 1;
/**
 * So often, until the call counts as one that heeds no signal. One that sleeps in a pipe or socket
 * takes some 50 µs. Counted, not timed: on a busy machine each round gives the other thread its turn.
 */
const ROUNDS = 100;

/**
 * Cancels a request, or all of this thread that are in flight on a descriptor. Those that were
 * cancelled have the status ECANCELED, and notify as others do.
 *
 * AIO_CANCELED: at least one was cancelled, and none is in flight any more. AIO_NOTCANCELED: at
 * least one could not be interrupted (a disk, for instance) and goes on. AIO_ALLDONE: all were over.
 *
 * @throws SysletsError EBADF for a descriptor that is not open; EINVAL if it is not the request's.
 */
export function aioCancel(fildes: number, aiocbp: Aiocb | null = null): CancelResult {
  checkInteger('fildes', fildes, -INT_MAX, INT_MAX);
  const own = engine();
  const targets = targetsOf(own, fildes, aiocbp);
  waitUntil(() => true);
  const pending = targets.filter(({ inFlight }) => inFlight);
  if (pending.length === 0) return AIO_ALLDONE;
  cancelAll(own, pending);
  if (pending.some(({ inFlight }) => inFlight)) return AIO_NOTCANCELED;
  const isCanceled = ({ words }: Request) => words[ERROR_CODE] === ECANCELED;
  return pending.some(isCanceled) ? AIO_CANCELED : AIO_ALLDONE;
}

function targetsOf(own: Engine, fildes: number, aiocbp: Aiocb | null): readonly Request[] {
  if (!own.descriptors.isOpen(fildes)) {
    throw new SysletsError('aio_cancel', -EBADF, `descriptor ${fildes} is not open`);
  }
  if (aiocbp === null) return [...own.inFlight].filter(({ fd }) => fd === fildes);
  if (aiocbp.aio_fildes === fildes) return [requestOf(aiocbp)];
  throw invalid('aio_cancel', `fildes is ${fildes}, but the request's is ${aiocbp.aio_fildes}`);
}

/** Those that wait first, the last before the others: none of them may start meanwhile. */
function cancelAll(own: Engine, pending: readonly Request[]): void {
  for (const request of pending.toReversed()) {
    if (request.state === 'waiting') own.cancelWaiting(request);
    else request.cancelling = true;
  }
  let running = pending;
  for (let round = 0; round < ROUNDS; round++) {
    running = running.filter(({ inFlight }) => inFlight);
    if (running.length === 0) return;
    for (const { slot } of running) if (slot !== undefined) own.loop.interrupt(slot);
    waitUntil(() => !running.some(({ inFlight }) => inFlight), performance.now() + AGAIN_MS);
  }
  for (const request of running) request.cancelling = false;
}
