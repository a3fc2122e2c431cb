import { expected, shown } from '../check.ts';
import { SysletsError } from '../errors.ts';
import type { Aiocb } from './aiocb.ts';
import { checkPriority, invalid } from './check-request.ts';
import {
  AIO_LISTIO_MAX,
  EAGAIN,
  EINVAL,
  EIO,
  LIO_NOP,
  LIO_NOWAIT,
  LIO_READ,
  LIO_WAIT,
  LIO_WRITE,
} from './constants.ts';
import { type Engine, engine } from './engine.ts';
import { ListGroup } from './list-group.ts';
import { type Operation, READ, WRITE } from './operation.ts';
import type { Request } from './request.ts';
import { boundNotice, NO_NOTICE, noticeOf, type Sigevent } from './sigevent.ts';
import { requestsOf, waitUntil } from './suspend.ts';
import { LIO_OPCODE } from './words.ts';

const operations = new Map<number, Operation>([
  [LIO_READ, READ],
  [LIO_WRITE, WRITE],
]);

/**
 * Submits a list of requests, each as its aio_lio_opcode says; null entries and LIO_NOP are passed
 * over. LIO_WAIT returns when all are over; LIO_NOWAIT at once, and `sig` tells when all are over.
 *
 * @throws SysletsError EINVAL, before anything is started, for a bad mode, list or sig; EAGAIN if
 * some could not be submitted; EIO if some failed (with LIO_NOWAIT: had a bad aio_lio_opcode,
 * aio_reqprio or aio_sigevent). Each request's own status says which.
 */
export function lioListio(
  mode: typeof LIO_WAIT | typeof LIO_NOWAIT,
  list: readonly (Aiocb | null)[],
  sig: Sigevent | null = null,
): void {
  const requests = checkList(mode, list);
  const own = engine();
  const group = new ListGroup(mode === LIO_NOWAIT ? noticeOfList(sig) : NO_NOTICE);
  const errors = requests.map((request) => submitOne(own, request, group));
  group.ended(0, own.loop);
  if (mode === LIO_WAIT) waitUntil(() => group.left === 0);
  const refused = errors.find((error) => error === EAGAIN) ?? errors.find((error) => error !== 0);
  if (refused === EAGAIN) throw failed(EAGAIN, 'some requests were not submitted');
  if (refused !== undefined || (mode === LIO_WAIT && group.failed)) {
    throw failed(EIO, 'some requests have failed');
  }
}

function failed(errno: number, what: string): SysletsError {
  return new SysletsError('lio_listio', -errno, `${what}: aio_error says which, and why`);
}

function noticeOfList(sig: Sigevent | null) {
  return sig === null ? NO_NOTICE : boundNotice(noticeOf('lio_listio', 'sig', sig));
}

/** What is wrong with the whole list, or would be with memory, is found before anything starts. */
function checkList(mode: number, list: readonly (Aiocb | null)[]): readonly Request[] {
  if (mode !== LIO_WAIT && mode !== LIO_NOWAIT) {
    throw invalid('lio_listio', `mode is ${shown(mode)}, expected LIO_WAIT or LIO_NOWAIT`);
  }
  const requests = requestsOf('list', list).filter(({ words }) => words[LIO_OPCODE] !== LIO_NOP);
  if (list.length > AIO_LISTIO_MAX) {
    throw invalid('lio_listio', expected('list.length', list.length, `at most ${AIO_LISTIO_MAX}`));
  }
  if (new Set(requests).size < requests.length) {
    throw invalid('lio_listio', 'an aiocb is in the list twice: it has room for one result');
  }
  for (const request of requests) {
    request.checkFree('lio_listio');
    request.memory?.check(request.words);
  }
  return requests;
}

/** The errno that it could not be submitted with, which is its status then; or 0. */
function submitOne(own: Engine, request: Request, group: ListGroup): number {
  const operation = operations.get(request.words[LIO_OPCODE] as number);
  if (operation === undefined) return refuse(request, READ, EINVAL);
  try {
    checkPriority('lio_listio', request);
    group.left++;
    request.group = group;
    own.submit(request, operation);
    return 0;
  } catch (error) {
    if (!(error instanceof SysletsError)) throw error;
    if (request.group === group) group.left--;
    return refuse(request, operation, -error.errno);
  }
}

function refuse(request: Request, operation: Operation, errno: number): number {
  request.group = undefined;
  request.operation = operation;
  request.end(-errno);
  return errno;
}
