import { afterEach, expect, test } from 'vitest';
import { Loop } from '../../lib/loop/index.ts';
import { native } from '../../lib/native.ts';
import { sys } from '../../lib/posix/index.ts';
import { completions, Pipe } from '../kernel/pipe.ts';

const [FUTEX_WAIT, FUTEX_WAKE] = [0, 1];

afterEach(() => sys.detach());

test('what a raw call used goes at a reap of its ring, also beside calls of the loop', async () => {
  const { kernel } = Loop.current();
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const pipe = new Pipe(kernel);
  const read = pipe.reader(kernel, new Uint8Array(1));
  const word = new Int32Array(1);
  read.run();
  const waited = sys.call.async('futex', word, FUTEX_WAIT, 0, 0, 0, 0);
  expect(native().counters().pins).toBe(2n);
  pipe.write('x');
  while (sys.call.sync('futex', word, FUTEX_WAKE, 1, 0, 0, 0) === 0);
  Atomics.wait(sleeper, 0, 0, 50); // both tasks let go: the next reap finds both
  expect(completions(kernel, 1)).toEqual([[1, 0]]);
  expect(await waited).toBe(0);
  read.run();
  kernel.ring.reap(() => undefined);
  pipe.write('y');
  expect(completions(kernel, 1)).toEqual([[1, 0]]);
  const end = performance.now() + 60_000;
  while (native().counters().pins !== 0n && performance.now() < end) {
    Atomics.wait(sleeper, 0, 0, 1);
    kernel.ring.reap(() => undefined);
  }
  expect(native().counters().pins).toBe(0n);
  pipe.close();
}, 90_000);
