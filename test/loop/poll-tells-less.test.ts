import { closeSync, openSync, writeSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Site } from '../../lib/loop/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { newSocketPair, newTcpPair } from '../posix/pipes.ts';

/** Calls that end although poll does not say that their descriptor is ready. */

const [SOL_SOCKET, SO_RCVLOWAT, MSG_DONTWAIT] = [1, 18, 0x40];
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(() => sys.detach());

type Receive = (fd: number, bytes: Buffer) => unknown;

const receives: readonly [string, Receive, Receive][] = [
  ['read', (fd, bytes) => sys.read.async(fd, bytes), (fd, bytes) => sys.read.sync(fd, bytes)],
  [
    'readv',
    (fd, bytes) => sys.readv.async(fd, [bytes.subarray(0, 1), bytes.subarray(1)]),
    (fd, bytes) => sys.readv.sync(fd, [bytes.subarray(0, 1), bytes.subarray(1)]),
  ],
  [
    'recvfrom',
    (fd, bytes) => sys.recvfrom.async(fd, bytes, 0, null),
    (fd, bytes) => sys.recvfrom.sync(fd, bytes, 0, null),
  ],
  [
    'recvmsg',
    (fd, bytes) => sys.recvmsg.async(fd, { buffers: [bytes] }, 0),
    (fd, bytes) => sys.recvmsg.sync(fd, { buffers: [bytes] }, 0),
  ],
];

describe.each(receives)('SO_RCVLOWAT, and a shorter %s', (_, receive, plain) => {
  const least = (fd: number, value: number) =>
    sys.call.sync('setsockopt', fd, SOL_SOCKET, SO_RCVLOWAT, new Int32Array([value]), 4);

  test.each([
    ['TCP', newTcpPair],
    ['Unix', newSocketPair],
  ])('%s: it ends with the bytes that it asked for, as the plain call does', async (__, pair) => {
    const [fd, peer] = pair();
    const before = receive(fd, Buffer.alloc(1)); // it is known that calls wait for this file
    writeSync(peer, 'x');
    expect(await before).toBe(1);
    least(fd, 10);
    for (let i = 0; i < 2; i++) {
      writeSync(peer, 'abc'); // TCP wakes no receive that sleeps before all 10 are there
      expect(await receive(fd, Buffer.alloc(3))).toBe(3);
    }
    writeSync(peer, 'abc');
    expect(plain(fd, Buffer.alloc(3))).toBe(3);
    for (const one of [fd, peer]) closeSync(one);
  });

  test('a longer one waits for its descriptor, and a short one does so again without it', async () => {
    const [fd, peer] = newTcpPair();
    least(fd, 4);
    const long = receive(fd, Buffer.alloc(4));
    expect(sys.counters()).toMatchObject({ awaitingReadiness: 1, inFlight: 0 });
    writeSync(peer, 'abcd');
    expect(await long).toBe(4);
    least(fd, 1);
    const short = receive(fd, Buffer.alloc(3));
    expect(sys.counters()).toMatchObject({ awaitingReadiness: 1, inFlight: 0 });
    writeSync(peer, 'abc');
    expect(await short).toBe(3);
    for (const one of [fd, peer]) closeSync(one);
  });
});

test('VMIN, and a shorter read: it ends with the bytes that it asked for', async () => {
  const [TIOCSPTLCK, TIOCGPTN, TCGETS, TCSETS] = [0x40045431, 0x80045430, 0x5401, 0x5402];
  const [ICANON, LFLAG, VTIME, VMIN] = [2, 12, 17 + 5, 17 + 6];
  const master = openSync('/dev/ptmx', 0o2 | 0o400);
  sys.call.sync('ioctl', master, TIOCSPTLCK, new Int32Array([0]));
  const number = new Int32Array(1);
  sys.call.sync('ioctl', master, TIOCGPTN, number);
  const slave = openSync(`/dev/pts/${number[0]}`, 0o2 | 0o400);
  const settings = Buffer.alloc(64);
  sys.call.sync('ioctl', slave, TCGETS, settings);
  settings.writeUInt32LE(settings.readUInt32LE(LFLAG) & ~ICANON, LFLAG);
  settings[VMIN] = 5;
  settings[VTIME] = 0;
  sys.call.sync('ioctl', slave, TCSETS, settings);
  const [before, list] = [Buffer.alloc(3), Buffer.alloc(3)];
  const reading = sys.read(slave, before);
  writeSync(master, 'abc');
  expect([await reading, before.toString()]).toEqual([3, 'abc']);
  writeSync(master, 'def');
  expect([await sys.readv(slave, [list]), list.toString()]).toEqual([3, 'def']);
  writeSync(master, 'ghi');
  expect(sys.read.sync(slave, before)).toBe(3);
  const long = sys.read(slave, Buffer.alloc(5));
  expect(sys.counters()).toMatchObject({ awaitingReadiness: 1, inFlight: 0 });
  writeSync(master, 'jklmn');
  expect(await long).toBe(5);
  for (const fd of [slave, master]) closeSync(fd);
});

describe('TCP with room for a little, of which poll says nothing', () => {
  /** A byte, if there is room for it. */
  const tryByte = (fd: number) => {
    try {
      return sys.sendto.sync(fd, Buffer.alloc(1), MSG_DONTWAIT, null);
    } catch {
      return 0;
    }
  };
  const isWritable = (fd: number) => sys.call.sync('poll', new Int32Array([fd, 4]), 1, 0) > 0;

  async function nearlyFull(): Promise<[number, number]> {
    const [fd, peer] = newTcpPair({ send: 100_000, receive: 20_000 });
    const part = Buffer.alloc(1000);
    for (let full = 0; full < 10; ) {
      try {
        sys.sendto.sync(fd, part, MSG_DONTWAIT, null);
      } catch {
        full++;
        await soon(20);
      }
    }
    for (let i = 0; i < 500 && (tryByte(fd) === 0 || isWritable(fd)); i++) {
      try {
        sys.recvfrom.sync(peer, part, MSG_DONTWAIT, null);
      } catch {}
      await soon(5);
    }
    return [fd, peer];
  }

  test.each([
    ['writev', (fd: number, site: Site) => sys.writev(fd, [Buffer.alloc(1)], { site })],
    [
      'sendmsg',
      (fd: number, site: Site) => sys.sendmsg(fd, { buffers: [Buffer.alloc(1)] }, 0, { site }),
    ],
  ])('%s: it is made within some seconds, though it is expected to block', async (_, call) => {
    const [fd, peer] = await nearlyFull();
    const site = new Site();
    for (let i = 0; i < 3; i++) site.sawBlock();
    const keep = setInterval(() => {}, 1000);
    const sent = call(fd, site);
    expect(sys.counters()).toMatchObject({ awaitingReadiness: 1, inFlight: 0 });
    expect([tryByte(fd), isWritable(fd)]).toEqual([1, false]);
    expect(await sent).toBe(1);
    clearInterval(keep);
    for (const one of [fd, peer]) closeSync(one);
  });
});
