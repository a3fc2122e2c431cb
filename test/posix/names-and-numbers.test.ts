import { openSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Aiocb, SIGEV_SIGNAL } from '../../lib/aio/index.ts';
import { NR } from '../../lib/kernel/index.ts';
import { fileLock, sys } from '../../lib/posix/index.ts';

afterEach(() => sys.detach());

/** Names that every object has without being given them. */
const INHERITED = ['toString', 'constructor', '__proto__', 'hasOwnProperty', 'valueOf'];

test.each([...INHERITED, '', 'Read', 'no_such'])('%o is no system call', (name) => {
  const text = `name is '${name}', expected a system call of Linux`;
  const call = name as keyof typeof NR;
  expect(() => sys.call(call)).toThrow(text);
  expect(() => sys.call.sync(call)).toThrow(text);
  expect(() => sys.raw().call(call, 0)).toThrow(text);
});

test('every name of the table is the number that it says', () => {
  const raw = sys.raw();
  for (const nr of [-1, 1.5, 2 ** 31, Number.NaN]) {
    expect(() => sys.call(nr)).toThrow('nr is');
    expect(() => raw.call(nr, 0)).toThrow('nr is');
  }
  expect(sys.call('getpid')).toBe(process.pid);
  expect(sys.call(NR.getpid)).toBe(process.pid);
  expect(raw.call('getpid', 0)).toBe(process.pid);
});

describe('bigints that 64 bits do not hold are refused, all others arrive whole', () => {
  const tooLarge = [2n ** 64n, -(2n ** 63n) - 1n, 2n ** 70n + 1n];
  const signed = [2n ** 63n, ...tooLarge];
  const fd = openSync('/proc/self/exe', 'r');

  test.each(tooLarge)('%o in any call', (value) => {
    expect(() => sys.call('lseek', fd, value, 0)).toThrow(`argument 1 is ${value}n`);
    expect(() => sys.raw().call('lseek', 0, fd, value, 0)).toThrow(`is ${value}n`);
    const sigev = { sigev_notify: SIGEV_SIGNAL, sigev_signo: 0, sigev_value: value } as const;
    expect(() => new Aiocb({ aio_fildes: 0, aio_sigevent: sigev })).toThrow(`is ${value}n`);
  });

  test.each(signed)('%o as an offset', (value) => {
    expect(() => sys.lseek(fd, value)).toThrow(`offset is ${value}n`);
    expect(() => sys.splice(fd, value, 1, null, 1)).toThrow(`offsetIn is ${value}n`);
    expect(() => sys.copy_file_range(fd, null, 1, value, 1)).toThrow(`offsetOut is ${value}n`);
    expect(() => new Aiocb({ aio_fildes: 0, aio_offset: value })).toThrow(`is ${value}n`);
    expect(() => fileLock(1, value)).toThrow();
  });

  test('the largest and the least', () => {
    // SEEK_SET of what is negative is EINVAL, of what no file reaches too
    for (const value of [2n ** 64n - 1n, -(2n ** 63n), 2n ** 63n - 1n]) {
      expect(() => sys.call('lseek', fd, value, 0)).toThrow('EINVAL');
    }
    expect(sys.call('lseek', fd, 2n ** 32n + 5n, 0)).toBe(2 ** 32 + 5);
  });
});

test('memory that a command of fcntl reads or writes is as long as the kernel takes it to be', () => {
  const fd = openSync('/proc/self/exe', 'r');
  const [F_GETLK, F_GETOWN_EX, F_OFD_GETLK, UNKNOWN] = [5, 16, 36, 9999];
  for (const command of [F_GETLK, F_OFD_GETLK, UNKNOWN]) {
    expect(() => sys.fcntl(fd, command, Buffer.alloc(31))).toThrow(
      'argument has 31 bytes, the kernel reads or writes 32',
    );
  }
  expect(() => sys.fcntl(fd, F_GETOWN_EX, Buffer.alloc(7))).toThrow('argument has 7 bytes');
  expect(sys.fcntl(fd, F_GETOWN_EX, Buffer.alloc(8))).toBe(0);
  sys.close.sync(fd);
});

test.each([[{ bytes: 7 }], [Symbol.iterator], [() => 1]])('%o is no argument', (value) => {
  expect(() => sys.call('getpid', value as never, 1)).toThrow(/argument 0 is|memory/);
});
