import { closeSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { newStruct, SocketAddress, structs, sys } from '../../lib/posix/index.ts';
import { newSocketPair } from './pipes.ts';

const [AF_UNIX, SOCK_DGRAM] = [1, 2];
const MSG_TRUNC = 0x20;

afterEach(() => sys.detach());

/** A datagram socket with this abstract name. */
function named(name: string): number {
  const fd = sys.call.sync('socket', AF_UNIX, SOCK_DGRAM, 0);
  const address = SocketAddress.unix(`\0${name}`);
  sys.call.sync('bind', fd, address.storage, address.length);
  return fd;
}

const names = ['s', 'a name that is longer', 'x'.repeat(100), 'y'].map(
  (one) => `${one}-${process.pid}`,
);

test('one address is used again for senders with names of any length', async () => {
  const to = named(`to-${process.pid}`);
  const target = SocketAddress.unix(`\0to-${process.pid}`);
  const senders = names.map(named);
  const from = SocketAddress.empty();
  const buffer = Buffer.alloc(4);
  for (const form of [sys.recvmsg, sys.recvmsg.sync, sys.recvmsg.async]) {
    for (const [i, fd] of senders.entries()) {
      await sys.sendmsg(fd, { buffers: [Buffer.from('ab')], address: target });
      expect(await form(to, { buffers: [buffer], address: from }, 0)).toBe(2);
      expect([from.family, from.text]).toEqual([AF_UNIX, `\0${names[i]}`]);
    }
  }
  for (const [i, fd] of senders.entries()) {
    await sys.sendto(fd, Buffer.from('ab'), 0, target);
    expect(await sys.recvfrom(to, buffer, 0, from)).toBe(2);
    expect(from.text).toBe(`\0${names[i]}`);
  }
  for (const fd of [to, ...senders]) closeSync(fd);
});

test('a call that blocked fills in address and header when it is over', async () => {
  const to = named(`late-${process.pid}`);
  const target = SocketAddress.unix(`\0late-${process.pid}`);
  const sender = named(names[1] as string);
  const from = SocketAddress.unix('/x');
  const header = newStruct(structs.msghdr);
  const message = { buffers: [Buffer.alloc(1)], address: from, header };
  const receiving = sys.recvmsg(to, message);
  expect(receiving).toBeInstanceOf(Promise);
  sys.sendto.sync(sender, Buffer.from('ab'), 0, target);
  expect(await receiving).toBe(1);
  expect([from.text, header.view.msg_namelen]).toEqual([`\0${names[1]}`, from.length]);
  expect(header.view.msg_flags).toBe(MSG_TRUNC);
  for (const fd of [to, sender]) closeSync(fd);
});

test('a stream has no sender: the address says so', async () => {
  const [left, right] = newSocketPair();
  const from = SocketAddress.ip('1.2.3.4', 5);
  await sys.write(left, Buffer.from('x'));
  expect(await sys.recvmsg(right, { buffers: [Buffer.alloc(1)], address: from })).toBe(1);
  expect([from.length, from.family, from.text]).toEqual([0, 0, '']);
  for (const fd of [left, right]) closeSync(fd);
});

test('nothing is written behind the header, and a short one is refused before the call', async () => {
  const [left, right] = newSocketPair();
  await sys.write(left, Buffer.from('abc'));
  const around = Buffer.alloc(72, 0xee);
  const bytes = around.subarray(8, 64);
  expect(await sys.recvmsg(right, { buffers: [Buffer.alloc(1)], header: { bytes } })).toBe(1);
  for (const edge of [around.subarray(0, 8), around.subarray(64)]) {
    expect(edge.every((byte) => byte === 0xee)).toBe(true);
  }
  for (const length of [0, 1, 55]) {
    const header = { bytes: Buffer.alloc(length) };
    expect(() => sys.recvmsg(right, { buffers: [Buffer.alloc(1)], header })).toThrow(
      `message.header has ${length} bytes, the kernel reads or writes 56`,
    );
  }
  expect(await sys.read(right, Buffer.alloc(8))).toBe(2);
  for (const fd of [left, right]) closeSync(fd);
});

test('more buffers than the kernel takes are its error, not ours', () => {
  const [left, right] = newSocketPair();
  const buffers = new Array(1025).fill(Buffer.from('x'));
  expect(() => sys.sendmsg(left, { buffers })).toThrow('EMSGSIZE');
  expect(sys.sendmsg(left, { buffers: buffers.slice(1) })).toBe(1024);
  for (const fd of [left, right]) closeSync(fd);
});

test.each([
  [{ buffers: [], address: {} }, 'message.address is {}, expected SocketAddress.ip'],
  [
    { buffers: [], header: {} },
    'message.header is {}, expected newStruct(structs.msghdr), another',
  ],
  [
    { buffers: [], header: new Uint8Array(1) },
    'message.header is Uint8Array(1) [ 0 ], expected newStruct(structs.msghdr), another',
  ],
  [{ buffers: [], control: 7 }, 'message.control is 7, expected'],
  [{}, 'message is {}, expected an object with an array of buffers'],
])('%o is no message', (message, text) => {
  expect(() => sys.recvmsg(0, message as never)).toThrow(text);
});
