import { expect, test } from 'vitest';
import { errorName, NativeUnavailableError, SysletsError } from '../lib/errors.ts';

test('a failed call carries errno, code and syscall', () => {
  const error = new SysletsError('sys_indirect', -11, 'the ring is full: reap it');
  expect(error).toMatchObject({ errno: -11, code: 'EAGAIN', syscall: 'sys_indirect' });
  expect(error.message).toBe('sys_indirect: EAGAIN, the ring is full: reap it');
});

test('an errno without a name in Node is told by its number', () => {
  expect(errorName(-132)).toBe('E132');
});

test.each([0, 5, 1.5])('errno %d is refused', (errno) => {
  expect(() => errorName(errno)).toThrow('expected a negative integer');
});

test('a missing addon says why, and what works without it', () => {
  const error = new NativeUnavailableError('no compiler');
  expect(error).toMatchObject({ reason: 'no compiler', code: 'ERR_SYSLETS_NO_ADDON' });
  expect(error.message).toContain("'syslets/abi' works without it");
});
