import { constants, NR } from '../kernel/index.ts';
import type { Bytes, Path, Slot } from '../loop/index.ts';
import { fromAddress, maybeToAddress, toAddress } from './address.ts';
import { buffers } from './buffer-list.ts';
import { define } from './define.ts';
import { Dirents } from './entries.ts';
import { EpollEvents, InotifyEvents } from './events.ts';
import { lockArgument } from './file-lock.ts';
import { type FileOffset, fileOffset } from './file-offset.ts';
import {
  acceptable,
  messageReceivable,
  messageSendable,
  preadNow,
  readable,
  readableList,
  receivable,
  sendable,
  writable,
  writableList,
} from './hints.ts';
import type { StructMemory } from './memory.ts';
import { eventMemory, futexWord, pollList } from './memory-params.ts';
import { message, received, roomForMessage } from './message.ts';
import {
  buffer,
  dirfd,
  fd,
  flags,
  int,
  length,
  memory,
  mode,
  offset,
  optionalInt,
  path,
  pathNamed,
} from './params.ts';
import { bigint, contents, counter, number, record } from './results.ts';
import {
  type ChildInfo,
  child_siginfo,
  type rusage,
  type Stat,
  type Statx,
  stat,
  statx,
} from './structs.ts';
import { duration, timeout, timeoutMs } from './times.ts';

const SIGSET_BYTES = 8;
const RUSAGE_BYTES = 144;
const TIMESPEC_BYTES = 16;

const status = memory<[status?: Int32Array | null]>('status', 4);
const usage = memory<[usage?: StructMemory<typeof rusage> | Bytes | null]>('usage', RUSAGE_BYTES);
const remaining = memory<[remaining?: BigInt64Array | null]>('remaining', TIMESPEC_BYTES);
const waits = { waits: true } as const;
/** What they wait for is a lock or a child; interrupted they have done nothing. */
const repeats = { repeats: () => true } as const;
const { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_CREAT } = constants;
/** epoll_pwait's mask of signals: none. */
const noMask = { fixed: { 4: 0, 5: SIGSET_BYTES } };
/** An open that may have made a file is not made twice. */
const makesNothing = (slot: Slot): boolean => (slot.argument(2) & O_CREAT) === 0;
/** A time limit would begin anew. */
const isEndless = (timeoutAt: number) => (slot: Slot) => slot.isNegative(timeoutAt);
const hasNoLimit = (slot: Slot): boolean => slot.argument(2) === 0;

/** A processor without the older call has the one that takes a directory. */
function statOf(name: string, nr: number | undefined, how: number) {
  if (nr !== undefined) return define(name, nr, [path], record<Stat>(stat, 'Stat', 1));
  const fixed = { 0: AT_FDCWD, 3: how };
  return define(name, NR.newfstatat, [path], record<Stat>(stat, 'Stat', 2), { fixed });
}

const olderPoll = define(
  'poll',
  NR.poll,
  [pollList, optionalInt<[timeoutMs?: number]>('timeoutMs', -1)],
  number,
  { ...waits, repeats: isEndless(2) },
);
const newerPoll: typeof olderPoll = define('poll', NR.ppoll, [pollList, timeoutMs], number, {
  ...waits,
  fixed: { 3: 0, 4: SIGSET_BYTES },
  repeats: hasNoLimit,
});

/** All calls with types of their own: name, number, parameters, result, traits. */
export const table = {
  openat: define('openat', NR.openat, [dirfd, path, int<[flags: number]>('flags'), mode], number, {
    repeats: makesNothing,
  }),
  close: define('close', NR.close, [fd], number),

  read: define('read', NR.read, [fd, buffer], number, { hint: readable }),
  write: define('write', NR.write, [fd, buffer], number, { hint: writable }),
  pread: define('pread', NR.pread64, [fd, buffer, offset], number, { hint: preadNow }),
  pwrite: define('pwrite', NR.pwrite64, [fd, buffer, offset], number),
  readv: define('readv', NR.readv, [fd, buffers], number, { hint: readableList }),
  writev: define('writev', NR.writev, [fd, buffers], number, { hint: writableList }),
  preadv2: define(
    'preadv2',
    NR.preadv2,
    [fd, buffers, offset, optionalInt<[flags?: number]>('flags')],
    number,
    { fixed: { 4: 0 } },
  ),
  pwritev2: define(
    'pwritev2',
    NR.pwritev2,
    [fd, buffers, offset, optionalInt<[flags?: number]>('flags')],
    number,
    { fixed: { 4: 0 } },
  ),
  lseek: define('lseek', NR.lseek, [fd, offset, optionalInt<[whence?: number]>('whence')], bigint),
  fsync: define('fsync', NR.fsync, [fd], number),
  fdatasync: define('fdatasync', NR.fdatasync, [fd], number),
  fallocate: define(
    'fallocate',
    NR.fallocate,
    [fd, int<[mode: number]>('mode'), offset, length],
    number,
  ),
  ftruncate: define('ftruncate', NR.ftruncate, [fd, length], number),

  stat: statOf('stat', NR.stat, 0),
  lstat: statOf('lstat', NR.lstat, AT_SYMLINK_NOFOLLOW),
  fstat: define('fstat', NR.fstat, [fd], record<Stat>(stat, 'Stat', 1)),
  newfstatat: define(
    'newfstatat',
    NR.newfstatat,
    [dirfd, path, flags],
    record<Stat>(stat, 'Stat', 2),
  ),
  statx: define(
    'statx',
    NR.statx,
    [dirfd, path, flags, optionalInt<[mask?: number]>('mask', 0xfff)],
    record<Statx>(statx, 'Statx', 4),
  ),
  getdents64: define(
    'getdents64',
    NR.getdents64,
    [fd, buffer],
    contents('Dirents', (bytes, count) => new Dirents(bytes, count)),
  ),
  readlinkat: define('readlinkat', NR.readlinkat, [dirfd, path, buffer], number),
  mkdirat: define(
    'mkdirat',
    NR.mkdirat,
    [dirfd, path, optionalInt<[mode?: number]>('mode', 0o777)],
    number,
  ),
  unlinkat: define('unlinkat', NR.unlinkat, [dirfd, path, flags], number),
  renameat2: define(
    'renameat2',
    NR.renameat2,
    [
      int<[olddirfd: number]>('olddirfd'),
      pathNamed<[oldPath: Path]>('oldPath'),
      int<[newdirfd: number]>('newdirfd'),
      pathNamed<[newPath: Path]>('newPath'),
      flags,
    ],
    number,
  ),
  copy_file_range: define(
    'copy_file_range',
    NR.copy_file_range,
    [
      int<[fdIn: number]>('fdIn'),
      fileOffset<[offsetIn: FileOffset]>('offsetIn'),
      int<[fdOut: number]>('fdOut'),
      fileOffset<[offsetOut: FileOffset]>('offsetOut'),
      length,
      flags,
    ],
    number,
  ),
  splice: define(
    'splice',
    NR.splice,
    [
      int<[fdIn: number]>('fdIn'),
      fileOffset<[offsetIn: FileOffset]>('offsetIn'),
      int<[fdOut: number]>('fdOut'),
      fileOffset<[offsetOut: FileOffset]>('offsetOut'),
      length,
      flags,
    ],
    number,
  ),

  nanosleep: define('nanosleep', NR.nanosleep, [duration, remaining], number, waits),
  clock_nanosleep: define(
    'clock_nanosleep',
    NR.clock_nanosleep,
    [int<[clock: number]>('clock'), int<[flags: number]>('flags'), duration, remaining],
    number,
    waits,
  ),
  poll: NR.poll === undefined ? newerPoll : olderPoll,
  ppoll: define('ppoll', NR.ppoll, [pollList, timeout], number, {
    ...waits,
    fixed: { 3: 0, 4: SIGSET_BYTES },
    repeats: hasNoLimit,
  }),
  epoll_wait: define(
    'epoll_wait',
    NR.epoll_wait ?? NR.epoll_pwait,
    [fd, eventMemory, optionalInt<[timeoutMs?: number]>('timeoutMs', -1)],
    contents('EpollEvents', (bytes, count) => new EpollEvents(bytes, count)),
    { ...waits, ...(NR.epoll_wait === undefined ? noMask : {}), repeats: isEndless(3) },
  ),
  futex_wait: define(
    'futex_wait',
    NR.futex,
    [futexWord, int<[value: number]>('value'), timeout],
    number,
    { ...waits, fixed: { 1: constants.FUTEX_WAIT } },
  ),

  accept4: define('accept4', NR.accept4, [fd, fromAddress, flags], number, { hint: acceptable }),
  connect: define('connect', NR.connect, [fd, toAddress], number, waits),
  recvfrom: define('recvfrom', NR.recvfrom, [fd, buffer, flags, fromAddress], number, {
    hint: receivable,
  }),
  recvmsg: define('recvmsg', NR.recvmsg, [fd, roomForMessage, flags], received, {
    hint: messageReceivable,
  }),
  sendto: define('sendto', NR.sendto, [fd, buffer, flags, maybeToAddress], number, {
    hint: sendable,
  }),
  sendmsg: define('sendmsg', NR.sendmsg, [fd, message, flags], number, { hint: messageSendable }),

  flock: define('flock', NR.flock, [fd, int<[operation: number]>('operation')], number, repeats),
  fcntl: define(
    'fcntl',
    NR.fcntl,
    [fd, int<[command: number]>('command'), lockArgument],
    number,
    repeats,
  ),
  wait4: define(
    'wait4',
    NR.wait4,
    [int<[pid: number]>('pid'), status, optionalInt<[options?: number]>('options'), usage],
    number,
    { ...waits, ...repeats },
  ),
  waitid: define(
    'waitid',
    NR.waitid,
    [
      int<[idtype: number]>('idtype'),
      int<[id: number]>('id'),
      int<[options: number]>('options'),
      usage,
    ],
    record<ChildInfo>(child_siginfo, 'ChildInfo', 2),
    { ...waits, ...repeats },
  ),
  getrandom: define('getrandom', NR.getrandom, [buffer, flags], number),
  inotify_read: define(
    'inotify_read',
    NR.read,
    [fd, buffer],
    contents('InotifyEvents', (bytes, count) => new InotifyEvents(bytes, count)),
    { hint: readable },
  ),
  eventfd_read: define('eventfd_read', NR.read, [fd], counter(1), { hint: readable }),
  timerfd_read: define('timerfd_read', NR.read, [fd], counter(1), { hint: readable }),
} as const;
