import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  Aiocb,
  aioCancel,
  aioError,
  aioRead,
  aioReturn,
  aioSuspend,
  SIGEV_NONE,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
  type Sigevent,
  type Sigval,
} from '../../lib/aio/index.ts';
import { compiled, noCompiler, scratch } from './c-program.ts';
import { file, finish, pipe, thrown } from './world.ts';

const RUN = fileURLToPath(new URL('signal-trial.mjs', import.meta.url));
const reason = noCompiler();

function reader(fd: number, aio_sigevent: Sigevent): Aiocb {
  return new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(1), aio_sigevent });
}

/** Lets the event loop turn until something is true. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test('SIGEV_THREAD calls the function with the value, once the status is final', async () => {
  const [reading, writing] = pipe();
  const seen: unknown[] = [];
  const cb: Aiocb = reader(reading, {
    sigev_notify: SIGEV_THREAD,
    sigev_notify_function: (value) => seen.push(value, aioError(cb), aioReturn(cb)),
    sigev_value: 0x1_2345_6789n,
  });
  aioRead(cb);
  writeSync(writing, 'x');
  await until(() => seen.length > 0);
  expect(seen).toEqual([{ sival_int: 0x2345_6789, sival_ptr: 0x1_2345_6789n }, 0, 1]);
});

test('a timer fires beside functions that submit the next request, which ends at once', async () => {
  const { fd } = file('x');
  let [fired, calls, ended] = [false, 0, false];
  const next = () => {
    if (fired || ++calls === 100_000_000) ended = true;
    else aioRead(reader(fd, { sigev_notify: SIGEV_THREAD, sigev_notify_function: next }));
  };
  setTimeout(() => {
    fired = true;
  }, 1);
  next();
  await until(() => ended);
  expect(fired).toBe(true);
});

test('those that the event loop turns for keep their order', async () => {
  const { fd } = file('x');
  const told: number[] = [];
  const submit = (number: number) => {
    const sigev_notify_function = () => {
      told.push(number);
      const end = performance.now() + 1;
      while (performance.now() < end); // JavaScript runs on for longer than a turn may take
    };
    aioRead(reader(fd, { sigev_notify: SIGEV_THREAD, sigev_notify_function }));
  };
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  for (const number of numbers) {
    submit(number);
    if (number % 10 === 9) await null;
  }
  await until(() => told.length === numbers.length);
  expect(told).toEqual(numbers);
});

test('SIGEV_THREAD never calls from inside of aio_read or aio_suspend', async () => {
  const { fd } = file('x');
  const [reading, writing] = pipe();
  let calls = 0;
  const event = { sigev_notify: SIGEV_THREAD, sigev_notify_function: () => calls++ } as const;
  const [atOnce, later] = [reader(fd, event), reader(reading, event)];
  aioRead(atOnce);
  aioRead(later);
  writeSync(writing, 'x');
  aioSuspend([later]);
  expect(calls).toBe(0);
  await Promise.resolve();
  expect(calls).toBe(2);
  expect([finish(atOnce), finish(later)]).toEqual([1, 1]);
});

test('a cancelled and a failed request notify too', async () => {
  const [reading] = pipe();
  const seen: number[] = [];
  const event: Sigevent = {
    sigev_notify: SIGEV_THREAD,
    sigev_notify_function: ({ sival_int }: Sigval) => seen.push(sival_int),
    sigev_value: 1,
  };
  const canceled = reader(reading, event);
  aioRead(canceled);
  aioCancel(reading, canceled);
  aioRead(reader(1_000_000, { ...event, sigev_value: 2 }));
  await until(() => seen.length === 2);
  expect(seen).toEqual([1, 2]);
});

test('SIGEV_NONE tells nobody, and is the default', () => {
  const cb = new Aiocb({ aio_fildes: file('x').fd, aio_buf: Buffer.alloc(1) });
  expect(cb.aio_sigevent).toEqual({ sigev_notify: SIGEV_NONE });
  expect(cb.struct.aio_sigevent.sigev_notify).toBe(SIGEV_NONE);
  aioRead(cb);
  expect(finish(cb)).toBe(1);
});

test('SIGEV_SIGNAL: the process gets the signal', async () => {
  const [reading, writing] = pipe();
  let signals = 0;
  const count = () => signals++;
  process.on('SIGUSR2', count);
  const cb = reader(reading, { sigev_notify: SIGEV_SIGNAL, sigev_signo: 12, sigev_value: 5 });
  aioRead(cb);
  writeSync(writing, 'x');
  expect(finish(cb)).toBe(1);
  await until(() => signals > 0);
  process.off('SIGUSR2', count);
  expect(signals).toBe(1);
});

test('SIGEV_SIGNAL with signal 0 sends none', () => {
  const cb = reader(file('x').fd, { sigev_notify: SIGEV_SIGNAL, sigev_signo: 0 });
  aioRead(cb);
  expect(finish(cb)).toBe(1);
});

// JavaScript's handlers do not see what comes with a signal; a preloaded one in C does.
test('SIGEV_SIGNAL queues the value, with SI_ASYNCIO and who sent it', ({ skip }) => {
  if (reason) skip(reason);
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    LD_PRELOAD: compiled('signal-observer.c', '-shared', '-fPIC'),
    SYSLETS_OBSERVER: scratch('signals'),
  };
  const out = execFileSync(process.execPath, [RUN], { env, encoding: 'utf8', timeout: 60_000 });
  const [pid = '', ...lines] = out.trim().split('\n');
  const line = (value: number) =>
    `signo 40 code -4 ${pid} uid ${process.getuid?.()} value ${value}`;
  expect(lines).toEqual([line(7), line(-8)]);
});

test.each([
  [{ sigev_notify: 4 }, /sigev_notify is 4, expected SIGEV_NONE, SIGEV_SIGNAL or SIGEV_THREAD/],
  [{ sigev_notify: SIGEV_THREAD }, /sigev_notify_function is undefined, expected a function/],
  [{ sigev_notify: SIGEV_SIGNAL, sigev_signo: 65 }, /sigev_signo is 65, expected a signal/],
  [{ sigev_notify: SIGEV_SIGNAL, sigev_signo: 33 }, /sigev_signo is 33, expected a signal/],
  [{ sigev_notify: SIGEV_SIGNAL, sigev_signo: -1 }, /sigev_signo is -1, expected a signal/],
])('a sigevent that is none is EINVAL: %o', (event, message) => {
  const make = () => reader(0, event as Sigevent);
  expect(make).toThrow(message);
  expect(thrown(make).code).toBe('EINVAL');
});

test('a sigevent of raw bytes that is none is EINVAL when it is submitted', () => {
  const cb = new Aiocb({ aio_fildes: file('x').fd, aio_buf: Buffer.alloc(1) });
  cb.struct.aio_sigevent.sigev_notify = 99;
  expect(thrown(() => aioRead(cb))).toEqual({ code: 'EINVAL', syscall: 'aio_read' });
});
