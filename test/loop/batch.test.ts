import { afterEach, expect, test } from 'vitest';
import { DetachedError } from '../../lib/errors.ts';
import { FIRST_ARG, RESULT } from '../../lib/kernel/call-layout.ts';
import { NR } from '../../lib/kernel/index.ts';
import { addressOf, type Batch, Loop, MOST_IN_BATCH, type Slot } from '../../lib/loop/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { newPipe, type Pipe } from '../posix/pipes.ts';

const pipes: Pipe[] = [];
afterEach(() => {
  sys.detach();
  for (const pipe of pipes.splice(0)) pipe.close();
});

function pipesOf(count: number): Pipe[] {
  const made = Array.from({ length: count }, newPipe);
  pipes.push(...made);
  return made;
}

test('after close there is no slot and no batch, also where the thread has attached anew', () => {
  const old = Loop.current();
  const slot = old.next(); // so that there was one to give back
  old.done(slot);
  old.close();
  Loop.current();
  expect(() => old.next()).toThrow(DetachedError);
  expect(() => old.batch(NR.getpid)).toThrow(DetachedError);
});

/** Reads of one byte each, from these pipes to the bytes of a buffer. */
function reads(batch: Batch, of: readonly Pipe[]): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(MOST_IN_BATCH));
  of.forEach((pipe, index) => {
    aim(batch, index, pipe, addressOf(bytes, 'bytes') + index);
  });
  return bytes;
}

function aim(batch: Batch, index: number, { readEnd }: Pipe, address: number): void {
  const words = [readEnd, 0, address | 0, Math.floor(address / 2 ** 32), 1, 0];
  batch.words.set(words, batch.at(index) + FIRST_ARG);
}

function resultAt(batch: Batch, index: number): number {
  return batch.words[batch.at(index) + RESULT] as number;
}

/** The result that its owner is told. */
function told(slot: Slot | undefined): () => number | undefined {
  let result: number | undefined;
  if (slot === undefined) throw new Error('no call of the batch is away');
  slot.owner = {
    complete: (_, value) => {
      result = value;
    },
  };
  return () => result;
}

test('a call that is over as soon as it was handed over is told to its owner', () => {
  sys.configure({ predict: false });
  const loop = Loop.current();
  const batch = loop.batch(NR.nanosleep);
  const time = new BigInt64Array(new SharedArrayBuffer(16));
  time[1] = 1n;
  const address = addressOf(new Uint8Array(time.buffer), 'time');
  for (let i = 0; i < MOST_IN_BATCH; i++) {
    batch.words.set([address | 0, Math.floor(address / 2 ** 32)], batch.at(i) + FIRST_ARG);
  }
  let handedOver = 0;
  for (let runs = 0; handedOver < 40 && runs < 4000; runs++) {
    batch.run(0, MOST_IN_BATCH);
    if (batch.away === undefined) continue;
    handedOver++;
    const result = told(batch.away);
    while (result() === undefined) {
      if (!loop.wait()) throw new Error(`nobody was told of call ${handedOver}`);
    }
  }
  expect(handedOver).toBeGreaterThan(0);
  expect(loop.pending).toBe(0);
  sys.detach();
  sys.configure({});
});

test('blocks that were given back make no calls, and descriptors are not made in one go', () => {
  const batch = Loop.current().batch(NR.read);
  batch.release();
  expect(() => batch.run(0, 1)).toThrow('the batch was released');
  expect(() => Loop.current().batch(NR.close)).toThrow('descriptors');
});

test('calls that do not block are made in one go, and have their results in place', () => {
  const batch = Loop.current().batch(NR.read);
  const three = pipesOf(3);
  const bytes = reads(batch, three);
  three.forEach((pipe, index) => {
    pipe.write(String(index));
  });
  const before = sys.counters().inlineHits;
  expect(batch.run(0, 3)).toBe(3);
  expect(batch.away).toBeUndefined();
  expect([0, 1, 2].map((index) => resultAt(batch, index))).toEqual([1, 1, 1]);
  expect(Buffer.from(bytes.subarray(0, 3)).toString()).toBe('012');
  expect(sys.counters().inlineHits - before).toBe(3);
  batch.release();
});

test('a call that blocks ends the run, is a slot’s, and leaves its block to the next one', () => {
  const loop = Loop.current();
  const batch = loop.batch(NR.read);
  const [blocks, ready, again] = pipesOf(3) as [Pipe, Pipe, Pipe];
  const bytes = reads(batch, [ready, blocks, ready]);
  ready.write('ab');
  again.write('c');
  expect(batch.run(0, 3)).toBe(2);
  const { away } = batch;
  const result = told(away);
  expect(away?.busy).toBe(true);
  expect(resultAt(batch, 0)).toBe(1);
  aim(batch, 1, again, addressOf(bytes, 'bytes') + 3);
  expect(batch.run(1, 2)).toBe(2);
  expect(batch.away).toBeUndefined();
  expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe('a\0bc');
  expect(result()).toBeUndefined();
  blocks.write('x');
  while (result() === undefined) loop.wait();
  expect(result()).toBe(1);
  expect(bytes[1]).toBe('x'.charCodeAt(0));
  expect(away?.busy).toBe(false);
  batch.release();
  expect(loop.pending).toBe(0);
});

test('calls that are expected to block go to tasks one by one, until they do not block', () => {
  const loop = Loop.current();
  const batch = loop.batch(NR.read);
  const all = pipesOf(MOST_IN_BATCH);
  reads(batch, all);
  const results: (() => number | undefined)[] = [];
  for (let next = 0; next < all.length; ) {
    next += batch.run(next, all.length - next);
    results.push(told(batch.away));
  }
  expect(results).toHaveLength(all.length);
  const { dispatches, handOffs } = sys.counters();
  expect(dispatches + handOffs).toBe(all.length);
  expect(dispatches).toBeGreaterThan(all.length / 2);
  for (const pipe of all) pipe.write('x');
  while (loop.pending > 0) loop.wait();
  expect(results.map((result) => result())).toEqual(all.map(() => 1));
  let rounds = 0;
  do {
    for (const pipe of all) pipe.write('y');
    for (let next = 0; next < all.length; ) next += batch.run(next, all.length - next);
    while (loop.pending > 0) loop.wait();
    if (++rounds > 10) throw new Error('calls are dispatched, and none has blocked');
  } while (batch.away !== undefined);
  batch.release();
});

test('predict: false hands each of them over', () => {
  sys.configure({ predict: false });
  const loop = Loop.current();
  const batch = loop.batch(NR.read);
  const all = pipesOf(6);
  reads(batch, all);
  for (let next = 0; next < all.length; ) {
    expect(batch.run(next, all.length - next)).toBe(1);
    told(batch.away);
    next++;
  }
  expect(sys.counters()).toMatchObject({ handOffs: all.length, dispatches: 0 });
  for (const pipe of all) pipe.write('x');
  while (loop.pending > 0) loop.wait();
  batch.release();
  sys.detach();
  sys.configure({});
});

test('its blocks lie in a row whichever others are free, and are given back', () => {
  sys.configure({ maxCalls: 8 });
  const loop = Loop.current();
  const make = () => loop.batch(NR.getpid);
  const [one, two] = [loop.kernel.newCall(NR.getpid), loop.kernel.newCall(NR.getpid)];
  one.release();
  for (let i = 0; i < 3; i++) {
    const made = make();
    expect(made.run(0, MOST_IN_BATCH)).toBe(MOST_IN_BATCH);
    for (let index = 0; index < MOST_IN_BATCH; index++) {
      expect(resultAt(made, index)).toBe(process.pid);
    }
    const other = make();
    expect(make).toThrow('all 152 slots are taken');
    for (const batch of [made, other]) batch.release();
  }
  two.release();
  sys.detach();
  sys.configure({});
});

test('there is a row also where calls have the blocks of one that was given back', () => {
  sys.configure({ maxCalls: 8 });
  const loop = Loop.current();
  loop.batch(NR.getpid).release();
  const taken = Array.from({ length: 7 }, () => loop.take());
  expect(taken).toHaveLength(7);
  const batch = loop.batch(NR.getpid);
  expect(batch.run(0, 3)).toBe(3);
  batch.release();
  sys.detach();
  sys.configure({});
});
