import { expect, test } from 'vitest';
import { layout, type Type, x86_64 } from '../../lib/abi/index.ts';
import { checkTypes } from '../../lib/abi-tools/check.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { headerFolders } from '../../lib/abi-tools/header-folders.ts';
import { structs } from '../../lib/posix/index.ts';
import { noClang } from '../abi-tools/tools.ts';

const PRELUDE = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <linux/stat.h>
`;

const all: ReadonlyMap<string, Type> = new Map(Object.entries(structs as Record<string, Type>));
/** What headers have by name: siginfo_t is a union of much more. */
const named = new Map([...all].filter(([name]) => name !== 'child_siginfo'));

test("structs of lib/posix are those of the system's headers, byte by byte", async ({ skip }) => {
  const reason = await noClang();
  if (reason) skip(reason);
  const rows = await checkTypes(named, [x86_64], {
    prelude: PRELUDE,
    flagsFor: (target, compiler) =>
      compiler.file === clangFile() ? headerFolders(target.name) : [],
    nameOf: (name) => `struct ${name}`,
  });
  const checked = rows.filter((row) => row.status !== 'not checked');
  expect(checked.map((row) => row.reason)).toEqual(checked.map(() => undefined));
  expect(rows.flatMap((row) => row.differences)).toEqual([]);
  expect(checked.length).toBeGreaterThan(0);
  for (const row of checked) expect(row).toMatchObject({ status: 'same', types: named.size });
});

test.each([
  ['timespec', 16],
  ['stat', 144],
  ['statx', 256],
  ['pollfd', 8],
  ['epoll_event', 12],
  ['iovec', 16],
  ['msghdr', 56],
  ['flock', 32],
  ['inotify_event', 16],
  ['rusage', 144],
  ['child_siginfo', 128],
])('struct %s has %d bytes, as its docstring says', (name, bytes) => {
  expect(layout(all.get(name) as Type, x86_64).size).toBe(bytes);
});
