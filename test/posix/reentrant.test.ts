import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { sys } from '../../lib/posix/index.ts';
import { newPipe } from './pipes.ts';

/** Arguments with getters of the program's: its code runs while they are read, and makes calls. */
const folder = mkdtempSync(join(tmpdir(), 'syslets-reentrant-'));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return openSync(join(folder, name), 'r');
};
const digits = file('digits', '0123456789');
const letters = file('letters', 'ABCDEFGHIJ');
const other = Buffer.alloc(4);
const buffer = Buffer.alloc(4);

afterAll(() => {
  closeSync(digits);
  closeSync(letters);
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  buffer.fill(0);
});

/** Another call, with arguments in the same places. */
const anotherCall = {
  'that ends at once': () => sys.pread(letters, other, 2),
  'in its sync form': () => sys.pread.sync(letters, other, 2),
  'of any number': () => sys.call.sync('pread64', letters, other, 4, 2),
};

function plain(): string {
  const bytes = Buffer.alloc(4);
  readSync(digits, bytes, 0, 4, 0);
  return bytes.toString();
}

describe.each(Object.entries(anotherCall))('a getter makes a call %s', (_, makeCall) => {
  const memory = () => ({
    get bytes() {
      makeCall();
      return buffer;
    },
  });

  test("any call's memory", async () => {
    expect(await sys.call('pread64', digits, memory(), 4, 0)).toBe(4);
    expect(buffer.toString()).toBe(plain());
    buffer.fill(0);
    expect(sys.call.sync('pread64', digits, memory(), 4, 0)).toBe(4);
    expect(buffer.toString()).toBe(plain());
    expect(other.toString()).toBe('CDEF');
  });

  test('options', async () => {
    const options = {
      get signal(): undefined {
        makeCall();
        return undefined;
      },
    };
    expect(await sys.pread(digits, buffer, 0, options as never)).toBe(4);
    expect(buffer.toString()).toBe(plain());
  });

  test('a list of buffers', async () => {
    const list = new Proxy([buffer], {
      get(target, key) {
        if (key === '0') makeCall();
        return Reflect.get(target, key);
      },
    });
    expect(await sys.preadv2(digits, list, 0)).toBe(4);
    expect(buffer.toString()).toBe(plain());
    buffer.fill(0);
    expect(sys.preadv2.sync(digits, list, 0)).toBe(4);
    expect(buffer.toString()).toBe(plain());
  });

  test('and throws: the slot is free again', () => {
    const thrower = {
      get bytes(): Uint8Array {
        makeCall();
        throw new Error('a getter');
      },
    };
    for (let i = 0; i < 3; i++) {
      expect(() => sys.call('pread64', digits, thrower, 4, 0)).toThrow('a getter');
      expect(() => sys.call.sync('pread64', digits, thrower, 4, 0)).toThrow('a getter');
    }
    expect(sys.pread.sync(digits, buffer, 0)).toBe(4);
    expect(sys.pread(digits, buffer, 4)).toBe(4);
    expect(buffer.toString()).toBe('4567');
  });
});

test('a signal that ends its call while it is listened to interrupts no other', async () => {
  const [first, second] = [newPipe(), newPipe()];
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    addEventListener(_: string, listener: () => void) {
      first.write('x');
      while (sys.counters().awaitingReadiness + sys.counters().inFlight > 0) {
        void sys.pread(digits, other, 0);
      }
      listeners.add(listener);
    },
    removeEventListener() {},
  };
  const options = { signal: signal as unknown as AbortSignal, timeoutMs: 30 };
  const one = sys.read(first.readEnd, Buffer.alloc(1), options);
  const two = sys.read(second.readEnd, Buffer.alloc(1));
  expect(await one).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  second.write('y');
  expect(await two).toBe(1);
  for (const pipe of [first, second]) pipe.close();
});
