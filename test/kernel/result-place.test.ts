import { closeSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { CompletionRing, Kernel, NR, ResultPlace } from '../../lib/index.ts';
import { Pipe } from './pipe.ts';

const WAIT = { timeoutMs: 10_000 };
const EFD_NONBLOCK = 0o4000;
const EAGAIN = -11;

let kernel: Kernel | undefined;

function attached(): Kernel {
  kernel = Kernel.attach();
  return kernel;
}

afterEach(() => {
  kernel?.[Symbol.dispose]();
});

test('a call that does not block returns, and its place stays as it was', () => {
  const place = ResultPlace.create();
  const call = attached().newCall(NR.getpid).setPlace(place);
  expect(call.run()).toBe(process.pid);
  expect(call.pending).toBe(false);
  expect([place.done, place.status, place.wait()]).toEqual([false, undefined, false]);
  expect(call.ring).toBeUndefined();
  expect(call.place).toBe(place);
});

test('the result of one that blocks goes to the place', () => {
  const own = attached();
  const pipe = new Pipe(own);
  const place = ResultPlace.create();
  const bytes = new Uint8Array(new SharedArrayBuffer(8));
  const call = pipe.reader(own, bytes).setPlace(place);
  for (const text of ['one', 'three']) {
    expect(call.run()).toBe(-132);
    expect(call.pending).toBe(true);
    expect(place.wait({ timeoutMs: 5 })).toBe(false);
    pipe.write(text);
    expect(place.wait(WAIT)).toBe(true);
    expect(place.status).toBe(BigInt(text.length));
    expect(Buffer.from(bytes).toString('utf8', 0, text.length)).toBe(text);
  }
  expect(own.ring.reap(() => undefined)).toBe(0);
  pipe.close();
});

test('dispatched: likewise, and `slept` tells', () => {
  const own = attached();
  const pipe = new Pipe(own);
  const place = ResultPlace.create();
  const call = pipe.reader(own, new Uint8Array(new SharedArrayBuffer(8))).setPlace(place);
  expect(call.dispatch(true)).toBe(-132);
  expect(call.slept).toBeUndefined();
  pipe.write('xy');
  expect(place.wait(WAIT)).toBe(true);
  expect(place.status).toBe(2n);
  expect(typeof call.slept).toBe('boolean');
  pipe.close();
});

test('a second call into a place where one is pending throws', () => {
  const own = attached();
  const pipe = new Pipe(own);
  const place = ResultPlace.create();
  const call = pipe.reader(own, new Uint8Array(new SharedArrayBuffer(8))).setPlace(place);
  call.run();
  expect(() => call.run()).toThrow(
    'EBUSY, another call is pending there: wait for it, or use a place for each call',
  );
  expect(() => call.dispatch()).toThrow('EBUSY');
  pipe.write('x');
  expect(place.wait(WAIT)).toBe(true);
  pipe.close();
});

test('an eventfd counts the results', () => {
  const own = attached();
  const pipe = new Pipe(own);
  const eventfd = own.complete(NR.eventfd2, 0, EFD_NONBLOCK);
  const places = [1, 2].map(() => ResultPlace.create({ eventfd }));
  const bytes = new Uint8Array(new SharedArrayBuffer(1));
  for (const place of places) pipe.reader(own, bytes).setPlace(place).run();
  const count = new BigUint64Array(new SharedArrayBuffer(8));
  const read = own.newCall(NR.read).setArgs(eventfd, count, 8);
  expect(read.run()).toBe(EAGAIN);
  pipe.write('ab');
  for (const place of places) expect(place.wait(WAIT)).toBe(true);
  // each event comes just after its word
  for (let sum = 0; sum < 2; ) if (read.run() !== EAGAIN) sum += Number(count[0]);
  closeSync(eventfd);
  pipe.close();
});

test('it is interrupted by its place, and detach completes into it', () => {
  const own = attached();
  const pipe = new Pipe(own);
  const [first, second] = [ResultPlace.create(), ResultPlace.create()];
  const bytes = new Uint8Array(new SharedArrayBuffer(1));
  pipe.reader(own, bytes).setPlace(first).setCallerData(5).run();
  pipe.reader(own, bytes).setPlace(second).setCallerData(5).run();
  expect(own.interrupt(6, first)).toBe(false);
  expect(own.interrupt(5)).toBe(false);
  while (own.interrupt(5, first));
  expect(first.wait(WAIT)).toBe(true);
  expect(first.status).toBe(-4n);
  expect(second.done).toBe(false);
  expect(own.detach().interrupted).toBe(1);
  expect(second.status).toBe(-4n);
  pipe.close();
});

test('what a pending call uses stays alive, and goes when its result is seen', () => {
  const own = attached();
  const before = own.counters()['pins'];
  const pipe = new Pipe(own);
  const place = ResultPlace.create();
  pipe
    .reader(own, new Uint8Array(new SharedArrayBuffer(8)))
    .setPlace(place)
    .run();
  expect(own.counters()['pins']).toBe((before as bigint) + 1n);
  pipe.write('x');
  expect(place.wait(WAIT)).toBe(true);
  // the task lets go just after its result is there: until then, looks ask again
  while (own.counters()['pins'] !== before) expect(place.done).toBe(true);
  pipe.close();
});

test('a ring takes the place of a place, and a place that of a ring', () => {
  const own = attached();
  const pipe = new Pipe(own);
  const place = ResultPlace.create();
  const ring = CompletionRing.create(2);
  const call = pipe.reader(own, new Uint8Array(new SharedArrayBuffer(8)));
  call.setPlace(place).setRing(ring).run();
  expect(call.place).toBeUndefined();
  pipe.write('x');
  expect(ring.wait(WAIT)).toBe(true);
  ring.reap(() => undefined);
  call.setPlace(place).run();
  pipe.write('y');
  expect(place.wait(WAIT)).toBe(true);
  expect(ring.reap(() => undefined)).toBe(0);
  pipe.close();
});

test('bad input is refused', () => {
  const own = attached();
  const call = own.newCall(NR.getpid);
  expect(() => call.setPlace(own.ring as never)).toThrow('expected a ResultPlace');
  expect(() => ResultPlace.create({ eventfd: -1 })).toThrow('eventfd is -1');
  call.setPlace(ResultPlace.create());
  expect(() => own.runMany(call.slot, 1)).toThrow('has a place for its result: make it by run()');
  call.release();
  expect(() => call.setPlace(ResultPlace.create())).toThrow('this call was released');
  expect(() => call.setRing(own.ring).run()).toThrow('this call was released');
});
