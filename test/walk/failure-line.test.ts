import { expect, test } from 'vitest';
import { failureLine } from '../../lib/cli/find-failures.ts';

function line(path: Buffer | string): string {
  return failureLine({ path: Buffer.from(path), action: 'open', errno: -13 });
}

test('text is shown as it is', () => {
  expect(line('ä/ 日本')).toBe("syslets find: cannot open 'ä/ 日本': EACCES, permission denied\n");
});

test.each([
  ['bytes that are no text', Buffer.from([0x61, 0xff, 0x27]), "a\\xff\\'"],
  ['control characters', 'a\n\x1b[31m', 'a\\x0a\\x1b[31m'],
  ['quotes and backslashes', "it's\\", "it\\'s\\\\"],
])('%s are escaped', (_what, path, shown) => {
  expect(line(path)).toContain(`'${shown}':`);
});

test('an errno without a name is a number', () => {
  const text = failureLine({ path: Buffer.from('x'), action: 'read', errno: -4000 });
  expect(text).toBe("syslets find: cannot read 'x': E4000, error 4000\n");
});
