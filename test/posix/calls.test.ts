import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SysletsError } from '../../lib/errors.ts';
import {
  EpollEvents,
  epollEvents,
  fileLock,
  newStruct,
  PollList,
  SocketAddress,
  structs,
  sys,
} from '../../lib/posix/index.ts';
import { nanosecondsOf } from '../../lib/posix/times.ts';
import { newPipe, newSocketPair } from './pipes.ts';

// Each call of the table at least once, in one of its forms; the forms themselves in forms.test.ts

const AT_FDCWD = -100;
const O_CREAT_RDWR = 0o102;
const SEEK_END = 2;
const folder = mkdtempSync(join(tmpdir(), 'syslets-posix-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string) => join(folder, name);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('files', () => {
  test('openat, pwrite, pread, lseek, ftruncate, fallocate, fsync, fdatasync, close', async () => {
    const fd = await sys.openat(AT_FDCWD, file('one'), O_CREAT_RDWR, 0o600);
    expect(await sys.pwrite(fd, Buffer.from('hello'), 2)).toBe(5);
    const buffer = Buffer.alloc(16);
    expect(await sys.pread(fd, buffer, 0)).toBe(7);
    expect(text(buffer.subarray(0, 7))).toBe('\0\0hello');
    expect(await sys.lseek(fd, 0, SEEK_END)).toBe(7n);
    expect(await sys.ftruncate(fd, 4)).toBe(0);
    expect(await sys.fallocate(fd, 0, 0, 100)).toBe(0);
    expect((await sys.fstat(fd)).st_size).toBe(100n);
    expect(await sys.fsync(fd)).toBe(0);
    expect(await sys.fdatasync(fd)).toBe(0);
    expect(await sys.close(fd)).toBe(0);
  });

  test('read, write, readv, writev, preadv2, pwritev2', async () => {
    const fd = await sys.openat(AT_FDCWD, file('two'), O_CREAT_RDWR);
    expect(await sys.write(fd, Buffer.from('ab'))).toBe(2);
    expect(await sys.writev(fd, [Buffer.from('cd'), Buffer.from('efg')])).toBe(5);
    expect(await sys.pwritev2(fd, [Buffer.from('h')], 7)).toBe(1);
    const [one, other] = [Buffer.alloc(3), Buffer.alloc(10)];
    expect(await sys.preadv2(fd, [one, other], 0, 0)).toBe(8);
    expect(text(one) + text(other.subarray(0, 5))).toBe('abcdefgh');
    await sys.lseek(fd, 4);
    expect(await sys.readv(fd, [one, other])).toBe(4);
    expect(text(one)).toBe('efg');
    await sys.lseek(fd, 0);
    expect(await sys.read(fd, one)).toBe(3);
    expect(text(one)).toBe('abc');
    await sys.close(fd);
  });

  test('stat, lstat, newfstatat, statx, readlinkat', async () => {
    writeFileSync(file('target'), '12345');
    await sys.call('symlinkat', 'target', AT_FDCWD, file('link'));
    const { S_IFMT, S_IFREG, S_IFLNK } = (await import('node:fs')).constants;
    const whole = await sys.stat(file('link'));
    expect(whole.st_mode & S_IFMT).toBe(S_IFREG);
    expect(whole.st_size).toBe(5n);
    expect((await sys.lstat(file('link'))).st_mode & S_IFMT).toBe(S_IFLNK);
    expect((await sys.newfstatat(AT_FDCWD, file('link'))).st_ino).toBe(whole.st_ino);
    const more = await sys.statx(AT_FDCWD, file('link'));
    expect([more.stx_ino, more.stx_size, more.stx_mode]).toEqual([whole.st_ino, 5n, whole.st_mode]);
    expect(more.stx_mtime.tv_sec).toBe(whole.st_mtim.tv_sec);
    const name = Buffer.alloc(64);
    expect(await sys.readlinkat(AT_FDCWD, file('link'), name)).toBe(6);
    expect(text(name.subarray(0, 6))).toBe('target');
  });

  test('mkdirat, renameat2, getdents64, unlinkat', async () => {
    const AT_REMOVEDIR = 0x200;
    await sys.mkdirat(AT_FDCWD, file('d'), 0o755);
    writeFileSync(file('d/x'), '');
    await sys.renameat2(AT_FDCWD, file('d/x'), AT_FDCWD, file('d/naïve'));
    const fd = openSync(file('d'), 'r');
    const buffer = Buffer.alloc(4096);
    const entries = await sys.getdents64(fd, buffer);
    const names = [...entries].map((entry) => text(entry.name)).sort();
    expect(names).toEqual(['.', '..', 'naïve']);
    expect((await sys.getdents64(fd, buffer)).byteLength).toBe(0);
    await sys.unlinkat(AT_FDCWD, file('d/naïve'));
    await sys.unlinkat(AT_FDCWD, file('d'), AT_REMOVEDIR);
    await expect(sys.stat.async(file('d'))).rejects.toThrow(
      `ENOENT: no such file or directory, stat '${file('d')}'`,
    );
    await sys.close(fd);
  });

  test('copy_file_range and splice advance the offsets that they are given', async () => {
    writeFileSync(file('from'), '0123456789');
    const from = openSync(file('from'), 'r');
    const to = await sys.openat(AT_FDCWD, file('to'), O_CREAT_RDWR);
    const at = new BigInt64Array([2n]);
    expect(await sys.copy_file_range(from, at, to, 1, 4)).toBe(4);
    expect(at[0]).toBe(6n);
    const buffer = Buffer.alloc(8);
    expect(await sys.pread(to, buffer, 1)).toBe(4);
    expect(text(buffer.subarray(0, 4))).toBe('2345');
    const pipe = newPipe();
    expect(await sys.splice(from, at, pipe.writeEnd, null, 3)).toBe(3);
    expect(await sys.read(pipe.readEnd, buffer)).toBe(3);
    expect(text(buffer.subarray(0, 3))).toBe('678');
    for (const fd of [from, to, pipe.readEnd, pipe.writeEnd]) await sys.close(fd);
  });
});

describe('time', () => {
  test('nanosleep and clock_nanosleep take milliseconds, and nanoseconds as bigints', async () => {
    const CLOCK_MONOTONIC = 1;
    const start = performance.now();
    expect(await sys.nanosleep(20.5)).toBe(0);
    expect(await sys.clock_nanosleep(CLOCK_MONOTONIC, 0, 20_000_000n)).toBe(0);
    expect(performance.now() - start).toBeGreaterThanOrEqual(40);
  });

  test('a sleep that was ended tells what remained', async () => {
    const remaining = new BigInt64Array(2);
    const controller = new AbortController();
    const asleep = sys.nanosleep.async(60_000, remaining, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(asleep).rejects.toThrow('nanosleep was aborted');
    const left = Number(nanosecondsOf(remaining)) / 1e9;
    expect(left).toBeGreaterThan(30);
    expect(left).toBeLessThan(60);
  });
});

describe('waiting for events', () => {
  const POLLIN = 1;

  test('poll and ppoll', async () => {
    const pipe = newPipe();
    const list = new PollList([
      { fd: pipe.readEnd, events: POLLIN },
      { fd: -1, events: POLLIN },
    ]);
    expect(await sys.poll(list, 0)).toBe(0);
    expect(await sys.ppoll(list, 1)).toBe(0);
    await sys.write(pipe.writeEnd, Buffer.from('x'));
    expect(await sys.poll(list, -1)).toBe(1);
    expect([list.revents(0), list.revents(1)]).toEqual([POLLIN, 0]);
    expect(await sys.ppoll(list)).toBe(1);
    expect(() => list.revents(2)).toThrow('index is 2, expected an integer from 0 to 1');
    pipe.close();
  });

  test('epoll_wait gives what epoll_ctl was given', async () => {
    const pipe = newPipe();
    const epoll = await sys.call('epoll_create1', 0);
    const one = newStruct(structs.epoll_event);
    one.view.events = POLLIN;
    one.view.data.fd = pipe.readEnd;
    await sys.call('epoll_ctl', epoll, 1, pipe.readEnd, one);
    const memory = epollEvents(8);
    expect((await sys.epoll_wait(epoll, memory, 0)).length).toBe(0);
    const waiting = sys.epoll_wait(epoll, memory);
    await sys.write(pipe.writeEnd, Buffer.from('x'));
    const events = await waiting;
    expect(events).toBeInstanceOf(EpollEvents);
    expect([events.length, events.fd(0), events.events(0)]).toEqual([1, pipe.readEnd, POLLIN]);
    expect(events.data(0) & 0xffff_ffffn).toBe(BigInt(pipe.readEnd));
    expect(() => events.fd(1)).toThrow('index is 1');
    pipe.close();
    await sys.close(epoll);
  });

  test('futex_wait', async () => {
    const word = new Int32Array(new SharedArrayBuffer(4));
    await expect(sys.futex_wait.async(word, 1)).rejects.toMatchObject({ code: 'EAGAIN' });
    await expect(sys.futex_wait.async(word, 0, 5)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    const FUTEX_WAKE = 1;
    const waiting = sys.futex_wait(word, 0);
    const wake = async () => {
      while ((await sys.call('futex', word, FUTEX_WAKE, 1)) === 0) await sys.nanosleep(1);
    };
    await wake();
    expect(await waiting).toBe(0);
  });

  test('eventfd_read and timerfd_read give bigints, inotify_read events', async () => {
    const event = await sys.call('eventfd2', 0, 0);
    const waiting = sys.eventfd_read(event);
    await sys.write(event, new BigUint64Array([2n ** 60n + 1n]));
    expect(await waiting).toBe(2n ** 60n + 1n);
    const timer = await sys.call('timerfd_create', 1, 0);
    await sys.call('timerfd_settime', timer, 0, new BigInt64Array([0n, 0n, 0n, 1_000_000n]), 0);
    expect(await sys.timerfd_read(timer)).toBe(1n);
    const IN_CREATE = 0x100;
    const inotify = await sys.call('inotify_init1', 0);
    const wd = await sys.call('inotify_add_watch', inotify, folder, IN_CREATE);
    const reading = sys.inotify_read(inotify, Buffer.alloc(4096));
    writeFileSync(file('new'), '');
    const [created] = await reading;
    expect(created).toMatchObject({ wd, mask: IN_CREATE });
    expect(text(created?.name as Uint8Array)).toBe('new');
    for (const fd of [event, timer, inotify]) await sys.close(fd);
  });
});

describe('sockets', () => {
  const AF_INET = 2;
  const SOCK_STREAM = 1;
  const SOCK_DGRAM = 2;

  test('accept4, connect, sendto, recvfrom over TCP', async () => {
    const server = await sys.call('socket', AF_INET, SOCK_STREAM, 0);
    const any = SocketAddress.ip('127.0.0.1', 0);
    await sys.call('bind', server, any.storage, any.length);
    await sys.call('listen', server, 1);
    const bound = SocketAddress.empty();
    const length = new Int32Array([128]);
    await sys.call('getsockname', server, bound.storage, length);
    expect(bound.text).toBe('127.0.0.1');
    const peer = SocketAddress.empty();
    const accepting = sys.accept4(server, peer);
    const client = await sys.call('socket', AF_INET, SOCK_STREAM, 0);
    await sys.connect(client, SocketAddress.ip('127.0.0.1', bound.port));
    const accepted = await accepting;
    expect([peer.family, peer.text, peer.length]).toEqual([AF_INET, '127.0.0.1', 16]);
    const buffer = Buffer.alloc(8);
    const receiving = sys.recvfrom(accepted, buffer);
    expect(await sys.sendto(client, Buffer.from('hi'))).toBe(2);
    expect(await receiving).toBe(2);
    expect(text(buffer.subarray(0, 2))).toBe('hi');
    for (const fd of [server, client, accepted]) await sys.close(fd);
  });

  test('sendto and recvfrom with addresses over UDP', async () => {
    const [one, other] = [SOCK_DGRAM, SOCK_DGRAM].map((type) =>
      sys.call.sync('socket', AF_INET, type, 0),
    ) as [number, number];
    const address = SocketAddress.ip('127.0.0.1', 0);
    sys.call.sync('bind', one, address.storage, address.length);
    sys.call.sync('getsockname', one, address.storage, new Int32Array([128]));
    expect(await sys.sendto(other, Buffer.from('datagram'), 0, address)).toBe(8);
    const from = SocketAddress.empty();
    const buffer = Buffer.alloc(16);
    expect(await sys.recvfrom(one, buffer, 0, from)).toBe(8);
    expect([from.text, from.port > 0]).toEqual(['127.0.0.1', true]);
    await sys.close(one);
    await sys.close(other);
  });

  test('sendmsg and recvmsg: lists of buffers, control data, the header as the kernel left it', async () => {
    const [left, right] = newSocketPair();
    const SCM_RIGHTS = 1;
    const SOL_SOCKET = 1;
    const control = Buffer.alloc(24);
    control.writeBigUInt64LE(20n, 0);
    control.writeInt32LE(SOL_SOCKET, 8);
    control.writeInt32LE(SCM_RIGHTS, 12);
    control.writeInt32LE(left, 16);
    const buffers = [Buffer.from('ab'), Buffer.from('c')];
    expect(await sys.sendmsg(left, { buffers, control })).toBe(3);
    const header = newStruct(structs.msghdr);
    const got = Buffer.alloc(8);
    const room = Buffer.alloc(24);
    expect(await sys.recvmsg(right, { buffers: [got], control: room, header })).toBe(3);
    expect(text(got.subarray(0, 3))).toBe('abc');
    expect(header.view.msg_controllen).toBe(24n);
    const passed = room.readInt32LE(16);
    expect((await sys.fstat(passed)).st_ino).toBe((await sys.fstat(left)).st_ino);
    for (const fd of [left, right, passed]) await sys.close(fd);
  });
});

describe('locks, children, the rest', () => {
  test('flock and fcntl locks', async () => {
    const [LOCK_EX, LOCK_UN, LOCK_NB] = [2, 8, 4];
    const [F_GETLK, F_OFD_SETLK, F_OFD_GETLK] = [5, 37, 36];
    writeFileSync(file('lock'), '');
    const [one, other] = [openSync(file('lock'), 'r+'), openSync(file('lock'), 'r+')];
    expect(await sys.flock(one, LOCK_EX)).toBe(0);
    await expect(sys.flock.async(other, LOCK_EX | LOCK_NB)).rejects.toMatchObject({
      code: 'EAGAIN',
    });
    const waiting = sys.flock(other, LOCK_EX);
    await sys.flock(one, LOCK_UN);
    expect(await waiting).toBe(0);
    expect(await sys.fcntl(one, F_OFD_SETLK, fileLock(1, 5n, 3n))).toBe(0);
    const asked = fileLock(1, 0n, 0n);
    expect(await sys.fcntl(other, F_OFD_GETLK, asked)).toBe(0);
    expect([asked.view.l_type, asked.view.l_start, asked.view.l_len]).toEqual([1, 5n, 3n]);
    expect(await sys.fcntl(other, F_GETLK, fileLock(1))).toBe(0);
    const F_DUPFD = 0;
    const copy = await sys.fcntl(one, F_DUPFD, 0);
    for (const fd of [one, other, copy]) await sys.close(fd);
  });

  test('wait4 and waitid', async () => {
    const nobody = sys.wait4.async(0x7fff_fff0, null, 0);
    await expect(nobody).rejects.toThrow('ECHILD: no child processes, wait4');
    const [P_PID, WSTOPPED, WEXITED, WNOWAIT, CLD_STOPPED] = [1, 2, 4, 0x0100_0000, 5];
    const none = sys.waitid.async(P_PID, 0x7fff_fff0, WEXITED);
    await expect(none).rejects.toMatchObject({ code: 'ECHILD' });
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const waited = sys.waitid.async(P_PID, child.pid as number, WSTOPPED | WNOWAIT);
    child.kill('SIGSTOP'); // libuv waits for ends of children, and would take such a one away
    const info = await waited;
    const { SIGSTOP } = constants.signals;
    expect([info.si_pid, info.si_code, info.si_status]).toEqual([child.pid, CLD_STOPPED, SIGSTOP]);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  test('getrandom, and any other call by name or number', async () => {
    const bytes = Buffer.alloc(32);
    expect(await sys.getrandom(bytes)).toBe(32);
    expect(bytes.some((byte) => byte !== 0)).toBe(true);
    expect(await sys.call('getpid')).toBe(process.pid);
    expect(await sys.call(39)).toBe(process.pid);
    expect(sys.call.sync('getpid')).toBe(process.pid);
    expect(await sys.call.async('getpid')).toBe(process.pid);
    await expect(sys.call.async('close', -1)).rejects.toThrow('EBADF: bad file descriptor, close');
    expect(() => sys.call('getpit' as never)).toThrow("name is 'getpit', expected a system call");
    expect(() => sys.call('getpid', 1, 2, 3, 4, 5, 6, 7)).toThrow('the number of arguments is 7');
    expect(() => sys.call('getpid', {} as never, 1)).toThrow('argument 0');
  });
});

test('all failures have one class, with errno, code and syscall', async () => {
  await expect(sys.fsync.async(-1)).rejects.toBeInstanceOf(SysletsError);
  await expect(sys.fsync.async(-1)).rejects.toMatchObject({
    errno: -constants.errno.EBADF,
    code: 'EBADF',
    syscall: 'fsync',
    message: 'EBADF: bad file descriptor, fsync',
  });
  const error = await sys.fsync.async(-1).catch((one: Error) => one);
  expect('path' in (error as Error)).toBe(false);
  const rename = sys.renameat2.async(AT_FDCWD, file('no'), AT_FDCWD, file('where'));
  await expect(rename).rejects.toMatchObject({
    path: file('no'),
    dest: file('where'),
    message: `ENOENT: no such file or directory, renameat2 '${file('no')}' -> '${file('where')}'`,
  });
});
