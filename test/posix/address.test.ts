import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SocketAddress } from '../../lib/posix/index.ts';

test('IPv4: bytes in the order of the network', () => {
  const address = SocketAddress.ip('192.168.1.2', 8080);
  expect([...address.storage.subarray(0, 8)]).toEqual([2, 0, 0x1f, 0x90, 192, 168, 1, 2]);
  expect([address.length, address.family, address.port, address.text]).toEqual([
    16,
    2,
    8080,
    '192.168.1.2',
  ]);
});

test.each([
  ['::1', '::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::ffff:1.2.3.4', '::ffff:102:304'],
  ['::', '::'],
  ['fe80::1%lo', 'fe80::1'],
])('IPv6 %s reads back as %s', (text, back) => {
  const address = SocketAddress.ip(text, 1);
  expect([address.length, address.family, address.text]).toEqual([28, 10, back]);
});

test('any IPv6 address reads back as the same address', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const once = SocketAddress.ip(text, 1);
      const twice = SocketAddress.ip(once.text, 1);
      expect([...twice.storage]).toEqual([...once.storage]);
    }),
  );
});

test('Unix: a path ends with NUL, a name in the abstract name space does not', () => {
  const path = SocketAddress.unix('/tmp/s');
  expect([path.length, path.text]).toEqual([9, '/tmp/s']);
  const name = SocketAddress.unix('\0name');
  expect([name.length, name.text]).toEqual([7, '\0name']);
  expect(SocketAddress.empty().length).toBe(128);
});

test.each([
  [() => SocketAddress.ip('localhost', 1), "host is 'localhost', expected an IP address"],
  [() => SocketAddress.ip('1.2.3.4', 65_536), 'port is 65536'],
  [() => SocketAddress.unix('x'.repeat(108)), 'path has 108 bytes'],
])('%o is refused', (make, message) => {
  expect(make).toThrow(message);
});
