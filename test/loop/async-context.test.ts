import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { Loop, type Slot } from '../../lib/loop/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { newPipe, type Pipe } from '../posix/pipes.ts';

const storage = new AsyncLocalStorage<object>();
afterEach(() => sys.detach());

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** The first call on it attaches the thread: the one that made the pipe does not count. */
function unusedPipe(): Pipe {
  const pipe = newPipe();
  sys.detach();
  return pipe;
}

/** A read that blocks; `told` is called by the event loop when it is over. */
async function readBy(pipe: Pipe, told: () => void): Promise<void> {
  const loop = Loop.current();
  const slot: Slot = loop.take().begin(0);
  slot.setInt(0, pipe.readEnd);
  slot.setView(1, new Uint8Array(new SharedArrayBuffer(8)), 'buffer');
  slot.setInt(2, 8);
  await new Promise<void>((resolve) => {
    slot.owner = {
      complete: () => {
        told();
        resolve();
      },
    };
    loop.run(slot);
    setTimeout(() => pipe.write('x'), 1);
  });
  loop.give(slot);
}

test('owners are told in no context, whoever made the first call', async () => {
  const pipe = unusedPipe();
  const seen: unknown[] = [];
  const tell = () => seen.push(storage.getStore());
  const first = { name: 'first' };
  await storage.run(first, () => readBy(pipe, tell));
  await readBy(pipe, tell);
  expect(seen).toEqual([undefined, undefined]);
  pipe.close();
});

test('what an owner enters does not stay for the next', async () => {
  const pipe = unusedPipe();
  const seen: unknown[] = [];
  await readBy(pipe, () => storage.enterWith({ name: 'entered' }));
  await readBy(pipe, () => seen.push(storage.getStore()));
  expect(seen).toEqual([undefined]);
  pipe.close();
});

test('the store of the first call is not kept while the thread is attached', async () => {
  const pipe = unusedPipe();
  const makeStore = async () => {
    const store = { of: 'a request' };
    await storage.run(store, () => readBy(pipe, () => {}));
    return new WeakRef(store);
  };
  const store = await makeStore();
  const pending = sys.read(pipe.readEnd, new Uint8Array(new SharedArrayBuffer(8)));
  for (let i = 0; i < 50 && store.deref() !== undefined; i++) {
    await turn();
    collect();
  }
  expect(store.deref()).toBeUndefined();
  pipe.write('x');
  expect(await pending).toBe(1);
  pipe.close();
});

test('what an awaiting function stored is there after the call', async () => {
  const pipe = unusedPipe();
  const store = { name: 'mine' };
  await storage.run(store, async () => {
    const reading = sys.read(pipe.readEnd, new Uint8Array(new SharedArrayBuffer(8)));
    setTimeout(() => pipe.write('x'), 1);
    expect(await reading).toBe(1);
    expect(storage.getStore()).toBe(store);
  });
  pipe.close();
});
