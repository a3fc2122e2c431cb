// Run by notify.test.ts with a handler of C preloaded: two requests that end with a signal, one at
// once and one that blocked. Prints its pid, and what the handler saw.
import { execFileSync } from 'node:child_process';
import { openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Aiocb, aioRead, aioReturn, aioSuspend, SIGEV_SIGNAL } from '../../dist/aio/index.js';

const SIGNO = 40; // SIGRTMIN + 6
const observed = process.env.SYSLETS_OBSERVER;
const lines = () => readFileSync(observed, 'utf8').split('\n').length - 1;

function read(fd, sigev_value) {
  const cb = new Aiocb({
    aio_fildes: fd,
    aio_buf: Buffer.alloc(1),
    aio_sigevent: { sigev_notify: SIGEV_SIGNAL, sigev_signo: SIGNO, sigev_value },
  });
  aioRead(cb);
  return cb;
}

const fifo = `${observed}.fifo`;
execFileSync('mkfifo', [fifo], { env: {} });
aioReturn(read(openSync(process.execPath, 'r'), 7));
while (lines() < 1) await setTimeout(1);
const fd = openSync(fifo, 'r+');
const late = read(fd, -8);
writeSync(fd, 'x');
aioSuspend([late]);
aioReturn(late);
while (lines() < 2) await setTimeout(1);
process.stdout.write(`pid ${process.pid}\n${readFileSync(observed, 'utf8')}`);
