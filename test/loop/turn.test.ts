import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { sys } from '../../lib/posix/index.ts';
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
const FEW = 100_000;

describe('a timer fires beside a loop of calls that never block', () => {
  test('by .async', async () => {
    expect(await untilTimer(() => sys.call.async('getpid'), ENDLESS)).toBeLessThan(ENDLESS);
    const time = () => sys.lseek.async(0, 0, 99);
    expect(await untilTimer(time, ENDLESS)).toBeLessThan(ENDLESS);
  });

  test.each([1, 5])('by the direct form with yieldMs %d', async (yieldMs) => {
    sys.configure({ yieldMs });
    expect(await untilTimer(() => sys.call('getpid'), ENDLESS)).toBeLessThan(ENDLESS);
    expect(await untilTimer(() => sys.fsync(-1), ENDLESS)).toBeLessThan(ENDLESS);
    const stat = () => sys.stat('/', {});
    expect(await untilTimer(stat, ENDLESS)).toBeLessThan(ENDLESS);
  });
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
