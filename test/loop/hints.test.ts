import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { Aiocb, aioError, aioRead, aioReturn } from '../../lib/aio/index.ts';
import { NR } from '../../lib/kernel/index.ts';
import { Site } from '../../lib/loop/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { newPipe, newSocketPair } from '../posix/pipes.ts';

// Asking first must not change what a call gives. Each call is made by the kernel alone (`.sync`,
// which asks nothing), and then where it is expected to block: the results are the same.

const MSG_WAITALL = 0x100;
const MSG_PEEK = 2;
const [SOL_SOCKET, SO_RCVLOWAT] = [1, 18];
const folder = mkdtempSync(join(tmpdir(), 'syslets-hints-'));

afterEach(() => sys.detach());
afterAll(() => rmSync(folder, { recursive: true }));

function sure(): Site {
  const site = new Site();
  for (let i = 0; i < 3; i++) site.sawBlock();
  return site;
}

/** Makes a call that blocks until `later` has run. */
async function blocked<T>(call: () => T | Promise<T>, later: () => void): Promise<T> {
  const promise = call();
  expect(promise).toBeInstanceOf(Promise);
  later();
  return promise;
}

describe('receives', () => {
  test('MSG_WAITALL waits for all of it, also where a part is there', async () => {
    const [left, right] = newSocketPair();
    const buffer = Buffer.alloc(8);
    sys.write.sync(left, Buffer.from('abc'));
    const site = sure();
    const got = await blocked(
      () => sys.recvfrom(right, buffer, MSG_WAITALL, null, { site }),
      () => sys.write.sync(left, Buffer.from('defgh')),
    );
    expect([got, buffer.toString()]).toEqual([8, 'abcdefgh']);
    sys.write.sync(left, Buffer.from('xy'));
    const message = { buffers: [buffer.subarray(0, 4), buffer.subarray(4)] };
    const whole = await blocked(
      () => sys.recvmsg(right, message, MSG_WAITALL, { site }),
      () => sys.write.sync(left, Buffer.from('zabcde')),
    );
    expect([whole, buffer.toString()]).toEqual([8, 'xyzabcde']);
    for (const fd of [left, right]) closeSync(fd);
  });

  test('SO_RCVLOWAT: no receive gives less than the low-water mark', async () => {
    const [left, right] = newSocketPair();
    sys.call.sync('setsockopt', right, SOL_SOCKET, SO_RCVLOWAT, new Int32Array([6]), 4);
    const buffer = Buffer.alloc(8);
    sys.write.sync(left, Buffer.from('abc'));
    const got = await blocked(
      () => sys.recvfrom(right, buffer, 0, null, { site: sure() }),
      () => sys.write.sync(left, Buffer.from('def')),
    );
    expect(got).toBe(6);
    for (const fd of [left, right]) closeSync(fd);
  });

  test('what is there in full needs no thread, whatever the flags', () => {
    const [left, right] = newSocketPair();
    const buffer = Buffer.alloc(4);
    sys.write.sync(left, Buffer.from('abcdefgh'));
    for (const flags of [MSG_PEEK, MSG_WAITALL, MSG_WAITALL | MSG_PEEK, 0]) {
      expect(sys.recvfrom(right, buffer, flags, null, { site: sure() })).toBe(4);
    }
    expect(sys.counters()).toMatchObject({ dispatches: 0, handOffs: 0 });
    for (const fd of [left, right]) closeSync(fd);
  });
});

/**
 * Reads of a pipe that block, on a descriptor that shares the predictor's place with pread64 of `fd`:
 * aio names no site of its own.
 */
async function expectBlocks(fd: number): Promise<void> {
  const pipe = newPipe();
  const shared = (NR.pread64 << 5) ^ (NR.read << 5) ^ fd;
  sys.call.sync('dup2', pipe.readEnd, shared);
  for (let i = 0; i < 3; i++) {
    await blocked(
      () => sys.read(shared, Buffer.alloc(1)),
      () => pipe.write('x'),
    );
  }
  closeSync(shared);
  pipe.close();
}

describe('pread', () => {
  const bytes = 5000;
  const path = join(folder, 'file');
  writeFileSync(
    path,
    Buffer.from({ length: bytes }).map((_, i) => i % 251),
  );

  /** Result or code, what the buffer has then, and where the descriptor stands. */
  async function outcome(fd: number, read: (buffer: Buffer) => number | Promise<number>) {
    const buffer = Buffer.alloc(64);
    let result: number | string;
    try {
      result = await read(buffer);
    } catch (error) {
      result = (error as { code: string }).code;
    }
    return [result, buffer.toString('hex'), sys.lseek.sync(fd, 0, 1)];
  }

  test('any offset and length: as the kernel alone gives it', async () => {
    const fd = openSync(path, 'r');
    const site = sure();
    const offset = fc.oneof(
      fc.integer({ min: -3, max: bytes + 70 }).map(BigInt),
      fc.constantFrom(-(2n ** 63n), -1n, 2n ** 63n - 1n, 2n ** 32n, 2n ** 32n - 1n),
    );
    await fc.assert(
      fc.asyncProperty(offset, fc.nat(64), async (at, length) => {
        sys.lseek.sync(fd, 7);
        const alone = await outcome(fd, (to) => sys.pread.sync(fd, to.subarray(0, length), at));
        sys.lseek.sync(fd, 7);
        for (let i = 0; i < 3; i++) site.sawBlock();
        site.noHint = false;
        const asked = await outcome(fd, (to) =>
          sys.pread(fd, to.subarray(0, length), at, { site }),
        );
        expect(asked).toEqual(alone);
      }),
      { numRuns: 300 },
    );
    closeSync(fd);
  });

  test('aio: an offset of -1 is EINVAL, and does not read from where the descriptor stands', async () => {
    const fd = openSync(path, 'r');
    await expectBlocks(fd);
    const results = [-1n, -(2n ** 63n)].map((aio_offset) => {
      const cb = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(8), aio_offset });
      aioRead(cb);
      expect(aioError(cb)).toBe(22);
      expect(() => aioReturn(cb)).toThrow('EINVAL');
      return sys.lseek.sync(fd, 0, 1);
    });
    expect(results).toEqual([0n, 0n]);
    closeSync(fd);
  });
});
