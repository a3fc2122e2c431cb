import { setImmediate } from 'node:timers';
import { layout, type Target, view } from '../abi/index.ts';
import { errorName } from '../errors.ts';
import { hostTarget } from '../host-target.ts';
import { NR } from '../kernel/index.ts';
import { addressOf, type Loop } from '../loop/index.ts';
import { SI_ASYNCIO, SIGEV_SIGNAL, SIGEV_THREAD } from './constants.ts';
import type { Asked } from './descriptor.ts';
import { type Notice, sigvalOf } from './sigevent.ts';
import { siginfo_t } from './types.ts';

/** Of a loop, what is used to tell. */
export type Told = Asked & Pick<Loop, 'asyncTurn'>;

/** Tells the program. The request has its final status by then. */
export function notify(notice: Notice, loop: Told): void {
  if (notice.notify === SIGEV_THREAD) callBack(notice, loop);
  else if (notice.notify === SIGEV_SIGNAL && notice.signo !== 0) sendSignal(notice, loop);
}

/** Those that the event loop has to turn for first, in their order. */
const later: Notice[] = [];

/**
 * By a microtask: it runs when the program's own code has returned, as a callback of the event
 * loop does, and not in the middle of aio_suspend. What it throws is an uncaught exception.
 *
 * A function that submits the next request, which ends at once, would let nothing else run. So the
 * event loop turns when JavaScript has run for too long.
 */
function callBack(notice: Notice, { asyncTurn }: Told): void {
  if (later.length === 0 && !asyncTurn?.isOver()) call(notice);
  else if (later.push(notice) === 1) setImmediate(callLater);
}

function call(notice: Notice): void {
  queueMicrotask(() => notice.callback?.(sigvalOf(notice)));
}

function callLater(): void {
  for (const notice of later.splice(0)) call(notice);
}

/** To the process and with the value, as sigqueue() does. */
function sendSignal(notice: Notice, loop: Asked): void {
  const info = infoOf(notice);
  const address = addressOf(info, 'siginfo');
  const result = loop.waited.make(NR.rt_sigqueueinfo, process.pid, notice.signo, address);
  if (result >= 0) return;
  process.emitWarning(
    `a request is over, but its signal ${notice.signo} could not be queued: ${errorName(result)} ` +
      '(RLIMIT_SIGPENDING is how many there may be)',
  );
}

function infoOf(notice: Notice): Uint8Array {
  const target: Target = hostTarget;
  const bytes = new Uint8Array(new SharedArrayBuffer(layout(siginfo_t, target).size));
  const info = view(siginfo_t, target, bytes.buffer);
  info.si_signo = notice.signo;
  info.si_code = SI_ASYNCIO;
  info._sifields._rt.si_pid = process.pid;
  info._sifields._rt.si_uid = process.getuid?.() ?? 0;
  info._sifields._rt.si_sigval.sival_ptr = sigvalOf(notice).sival_ptr;
  return bytes;
}
