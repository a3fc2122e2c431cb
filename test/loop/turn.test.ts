import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { Kernel } from '../../lib/kernel/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { newPipe } from '../posix/pipes.ts';
import { script } from './script.ts';

afterEach(() => {
  sys.detach();
  sys.configure({});
});

/** Calls that end at once, until a timer of 1 ms has fired or `most` are made; how many. */
async function untilTimer(call: () => unknown, most: number): Promise<number> {
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 1);
  let calls = 0;
  for (; calls < most && !fired; calls++) {
    try {
      await call();
    } catch {}
  }
  return calls;
}

const ENDLESS = 100_000_000;
const FEW = 20_000;

describe('a timer fires beside a loop of calls that never block', () => {
  test('by .async', async () => {
    expect(await untilTimer(() => sys.call.async('getpid'), ENDLESS)).toBeLessThan(ENDLESS);
    const time = () => sys.lseek.async(0, 0, 99);
    expect(await untilTimer(time, ENDLESS)).toBeLessThan(ENDLESS);
  });

  test('by .async, where one of several is enough', async () => {
    const race = () =>
      Promise.race([sys.call.async('getpid'), sys.lseek.async(0, 0, 99), sys.call.async('getpid')]);
    expect(await untilTimer(race, ENDLESS)).toBeLessThan(ENDLESS);
  });

  test.each(['async', 'direct'])('by the %s form, aborted before', async (form) => {
    const signal = AbortSignal.abort();
    const read = form === 'async' ? sys.read.async : sys.read;
    const aborted = () => read(0, new Uint8Array(1), { signal });
    expect(await untilTimer(aborted, ENDLESS)).toBeLessThan(ENDLESS);
  });

  test('by calls that are refused: of arguments, of options, of a name', async () => {
    const refused = [
      () => sys.read.async('x' as never, new Uint8Array(1)),
      () => sys.read.async(0, new Uint8Array(1), { timeoutMs: -1 }),
      () => sys.call.async('none' as never),
    ];
    for (const call of refused) {
      expect(await untilTimer(call, ENDLESS)).toBeLessThan(ENDLESS);
    }
  });

  test('by calls for which this thread cannot be attached', async () => {
    const kernel = Kernel.attach(); // somebody else has it
    const calls = await untilTimer(() => sys.call.async('getpid'), ENDLESS);
    kernel.detach();
    expect(calls).toBeLessThan(ENDLESS);
  });

  test('by calls that wait, and are aborted or closed at once', async () => {
    const { readEnd, close } = newPipe();
    const aborted = () => {
      const abort = new AbortController();
      const read = sys.read.async(readEnd, new Uint8Array(1), { signal: abort.signal });
      abort.abort();
      return read;
    };
    expect(await untilTimer(aborted, ENDLESS)).toBeLessThan(ENDLESS);
    const closed = () => {
      const copy = sys.call.sync('dup', readEnd);
      const read = sys.read.async(copy, new Uint8Array(1));
      sys.close.sync(copy);
      return read;
    };
    expect(await untilTimer(closed, ENDLESS)).toBeLessThan(ENDLESS);
    close();
  });

  test.each([1, 5])('by the direct form with yieldMs %d', async (yieldMs) => {
    sys.configure({ yieldMs });
    expect(await untilTimer(() => sys.call('getpid'), ENDLESS)).toBeLessThan(ENDLESS);
    expect(await untilTimer(() => sys.fsync(-1), ENDLESS)).toBeLessThan(ENDLESS);
    const stat = () => sys.stat('/', {});
    expect(await untilTimer(stat, ENDLESS)).toBeLessThan(ENDLESS);
  });
});

test('by the direct form of a call that waits, when it ends with an error each time', async () => {
  const accept = () => sys.accept4(0, null, 0); // no socket, or one that does not listen
  expect(await untilTimer(accept, ENDLESS)).toBeLessThan(ENDLESS);
  sys.detach();
  sys.configure({ yieldMs: 0 });
  expect(allRan(await untilTimer(accept, FEW))).toBe(true);
});

test('an accept loop without descriptors lets others run', async () => {
  const ended = await script(`
    import { closeSync, openSync } from 'node:fs';
    import { connect } from 'node:net';
    const { SocketAddress } = await import(process.env.SYSLETS_INDEX);
    const [AF_INET, SOCK_STREAM, NOFILE] = [2, 1, 7];
    const listener = sys.call.sync('socket', AF_INET, SOCK_STREAM, 0);
    const address = SocketAddress.ip('127.0.0.1', 0);
    sys.call.sync('bind', listener, address.storage, address.length);
    sys.call.sync('listen', listener, 8);
    sys.call.sync('getsockname', listener, address.storage, new Int32Array([address.length]));
    await once(connect(address.port, '127.0.0.1'), 'connect');
    sys.call.sync('prlimit64', 0, NOFILE, new BigUint64Array([64n, 64n]), null);
    const taken = [];
    try {
      for (;;) taken.push(openSync('/dev/null'));
    } catch {}
    setTimeout(() => taken.map((fd) => closeSync(fd)), 20);
    let refused = 0;
    for (let accepted; accepted === undefined; ) {
      try {
        accepted = await sys.accept4(listener, null, 0);
      } catch (error) {
        if (error.code !== 'EMFILE') throw error;
        refused++;
      }
    }
    print(String(refused > 0));
    process.exit();
  `);
  expect(ended).toMatchObject({ code: 0, stdout: 'true\n' });
});

/** A call that was taken for a blocked one, on a busy machine, lets the event loop turn as well. */
const allRan = (calls: number) => calls === FEW || sys.counters().handOffs > 0;

test('the direct form gives a number without yieldMs, and no form turns with 0', async () => {
  expect(allRan(await untilTimer(() => sys.call('getpid'), FEW))).toBe(true);
  sys.detach();
  sys.configure({ yieldMs: 0 });
  expect(allRan(await untilTimer(() => sys.call.async('getpid'), FEW))).toBe(true);
});

test('what a call gives is the same before and after a turn: values, views, errors', async () => {
  sys.configure({ yieldMs: 0.001 });
  const kinds = new Set<boolean>();
  const { st_ino } = await sys.stat('/');
  for (let i = 0; i < 200; i++) {
    const call = sys.call('getpid');
    kinds.add(call instanceof Promise);
    expect(await call).toBe(process.pid);
    expect((await sys.stat('/')).st_ino).toBe(st_ino);
    await expect((async () => sys.openat(-100, '/none', 0))()).rejects.toMatchObject({
      code: 'ENOENT',
      path: '/none',
    });
  }
  expect(kinds).toEqual(new Set([false, true]));
});

test('sockets and workers are heard too', async () => {
  const { port1, port2 } = new MessageChannel();
  const heard = once(port2, 'message');
  let isHeard = false;
  heard.then(() => {
    isHeard = true;
  });
  port1.postMessage('x');
  let calls = 0;
  while (!isHeard && calls++ < ENDLESS) await sys.call.async('getpid');
  expect(isHeard).toBe(true);
  port1.close();
});

test('it keeps no process alive', async () => {
  const ended = await script(`
    await sys.call.async('getpid');
    sys.call.async('getpid');
    print('end');
  `);
  expect(ended).toMatchObject({ code: 0, stdout: 'end\n' });
});

test.each([-1, Number.NaN, '5', 2 ** 31])('yieldMs %o is refused', (yieldMs) => {
  expect(() => sys.configure({ yieldMs: yieldMs as number })).toThrow('yieldMs is');
});
