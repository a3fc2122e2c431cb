import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SocketAddress, sys } from '../../lib/posix/index.ts';
import { compiled, noCompiler } from '../aio/c-program.ts';

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
  ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  ['::', '::'],
  ['fe80::1%lo', 'fe80::1%lo'],
  ['fe80::1%1', 'fe80::1%lo'],
  ['2001:db8::1%7', '2001:db8::1%7'],
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

const unable = noCompiler();

test.skipIf(unable)(
  `bytes and text of any address are glibc's${unable ? `: ${unable}` : ''}`,
  () => {
    const program = compiled(new URL('sockaddr.c', import.meta.url));
    const holdsIPv4 = fc.ipV4().map((four) => `::ffff:${four}`);
    const compatible = fc.ipV4().map((four) => `::${four}`);
    const zeros = fc
      .array(fc.constantFrom('0', '0', '1', 'ff'), { minLength: 8, maxLength: 8 })
      .map((words) => words.join(':'));
    const scoped = fc
      .tuple(
        fc.constantFrom('fe80::1', 'febf::2', 'ff02::1', '2001:db8::1'),
        fc.constantFrom(1, 77, 2 ** 32 - 1),
      )
      .map(([address, scope]) => `${address}%${scope}`);
    const host = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      holdsIPv4,
      compatible,
      zeros,
      scoped,
      fc.constant('fe80::1%lo'),
    );
    const all = fc.sample(fc.tuple(host, fc.nat(65_535)), { numRuns: 1000, seed: 2007 });
    const input = all.map(([text, port]) => `${text} ${port}\n`).join('');
    const expected = execFileSync(program, { input, encoding: 'utf8' }).trim().split('\n');
    const ours = all.map(([text, port]) => {
      const address = SocketAddress.ip(text, port);
      const bytes = Buffer.from(address.storage.subarray(0, address.length)).toString('hex');
      return `${bytes} ${address.text} ${address.port}`;
    });
    expect(ours).toEqual(expected);
  },
);

test('a scope is an index, by name or number', () => {
  const lo = SocketAddress.ip('fe80::1%lo', 1);
  expect(lo.scopeId).toBe(Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8')));
  expect(SocketAddress.ip('fe80::1', 1).scopeId).toBe(0);
  expect(SocketAddress.ip('1.2.3.4', 1).scopeId).toBe(0);
});

test('Unix: bytes of a name, NUL in an abstract one, none', () => {
  const name = Buffer.from([0, 65, 0, 255]);
  const abstract = SocketAddress.unix(name);
  expect([abstract.length, Buffer.from(abstract.path)]).toEqual([6, name]);
  expect(SocketAddress.unix('\0a\0b').text).toBe('\0a\0b');
  expect(Buffer.from(SocketAddress.unix(Buffer.from([47, 255])).path)).toEqual(
    Buffer.from([47, 255]),
  );
  const none = SocketAddress.unix('');
  expect([none.length, none.text]).toEqual([2, '']);
});

test('Unix: the kernel takes each and gives it back; without a name it chooses one', () => {
  for (const name of [`\0syslets\0${process.pid}`, '']) {
    const fd = sys.call.sync('socket', 1, 1, 0);
    const address = SocketAddress.unix(name);
    sys.call.sync('bind', fd, address.storage, address.length);
    const back = SocketAddress.empty();
    const length = new Int32Array([back.length]);
    sys.call.sync('getsockname', fd, back.storage, length);
    back.length = length[0] as number;
    if (name === '') expect(back.text).toMatch(/^\0[0-9a-f]{5}$/);
    else expect([back.text, back.length]).toEqual([name, address.length]);
    sys.close.sync(fd);
  }
});

test('no address has neither family, port nor text, whatever it was before', () => {
  const address = SocketAddress.ip('::1', 80);
  address.length = 0;
  expect([address.family, address.port, address.text, address.scopeId]).toEqual([0, 0, '', 0]);
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
  [() => SocketAddress.ip('1.2.3.4', 1.5), 'port is 1.5'],
  [() => SocketAddress.ip('1.2.3.4', -1), 'port is -1'],
  [
    () => SocketAddress.ip('fe80::1%nowhere', 1),
    "host is '…%nowhere', expected the name of a network",
  ],
  [() => SocketAddress.ip('fe80::1%4294967296', 1), "host is '…%4294967296'"],
  [() => SocketAddress.unix('x'.repeat(108)), 'path has 108 bytes'],
  [() => SocketAddress.unix('/tmp/a\0b'), 'expected a path without NUL'],
  [() => SocketAddress.unix(7 as never), 'path is 7, expected a string'],
  [() => Object.assign(SocketAddress.empty(), { length: -1 }), 'length is -1'],
])('%o is refused', (make, message) => {
  expect(make).toThrow(message);
});
