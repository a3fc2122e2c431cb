import {
  array,
  i16,
  i32,
  i64,
  int,
  long,
  pointer,
  size_t,
  struct,
  u8,
  u16,
  u32,
  u64,
  union,
  type ViewOf,
  variant,
  when,
  type x86_64,
} from '../abi/index.ts';

/**
 * Structs of system calls, under their C names. Bytes as the host's kernel has them: a test
 * compares them with the system's headers.
 */

/** time.h. 16 bytes. */
export const timespec = struct('timespec', { tv_sec: long, tv_nsec: long });

const x86_stat = struct('stat', {
  st_dev: u64,
  st_ino: u64,
  st_nlink: u64,
  st_mode: u32,
  st_uid: u32,
  st_gid: u32,
  __pad0: int,
  st_rdev: u64,
  st_size: i64,
  st_blksize: long,
  st_blocks: i64,
  st_atim: timespec,
  st_mtim: timespec,
  st_ctim: timespec,
  __glibc_reserved: array(long, 3),
});

/** asm-generic/stat.h: all architectures that came later. */
const generic_stat = struct('stat', {
  st_dev: u64,
  st_ino: u64,
  st_mode: u32,
  st_nlink: u32,
  st_uid: u32,
  st_gid: u32,
  st_rdev: u64,
  __pad1: u64,
  st_size: i64,
  st_blksize: int,
  __pad2: int,
  st_blocks: i64,
  st_atim: timespec,
  st_mtim: timespec,
  st_ctim: timespec,
  __glibc_reserved: array(int, 2),
});

/** sys/stat.h. 144 bytes on x86_64, 128 on aarch64. */
export const stat = variant([when({ names: ['x86_64'] }, x86_stat)], generic_stat);

/** linux/stat.h. 16 bytes. */
export const statx_timestamp = struct('statx_timestamp', {
  tv_sec: i64,
  tv_nsec: u32,
  __reserved: i32,
});

/** linux/stat.h. 256 bytes everywhere; later kernels use more of the spare ones. */
export const statx = struct('statx', {
  stx_mask: u32,
  stx_blksize: u32,
  stx_attributes: u64,
  stx_nlink: u32,
  stx_uid: u32,
  stx_gid: u32,
  stx_mode: u16,
  __spare0: array(u16, 1),
  stx_ino: u64,
  stx_size: u64,
  stx_blocks: u64,
  stx_attributes_mask: u64,
  stx_atime: statx_timestamp,
  stx_btime: statx_timestamp,
  stx_ctime: statx_timestamp,
  stx_mtime: statx_timestamp,
  stx_rdev_major: u32,
  stx_rdev_minor: u32,
  stx_dev_major: u32,
  stx_dev_minor: u32,
  stx_mnt_id: u64,
  stx_dio_mem_align: u32,
  stx_dio_offset_align: u32,
  __spare3: array(u64, 12),
});

/** poll.h. 8 bytes. */
export const pollfd = struct('pollfd', { fd: int, events: i16, revents: i16 });

const epoll_data = union('epoll_data', { ptr: pointer('void'), fd: int, u32, u64 });
const epoll_fields = { events: u32, data: epoll_data };

/** sys/epoll.h. 12 bytes on x86_64, where it is packed; 16 elsewhere. */
export const epoll_event = variant(
  [when({ names: ['x86_64'] }, struct('epoll_event', epoll_fields, { packed: true }))],
  struct('epoll_event', epoll_fields),
);

/** sys/uio.h. 16 bytes. */
export const iovec = struct('iovec', { iov_base: pointer('void'), iov_len: size_t });

/** sys/socket.h. 56 bytes. */
export const msghdr = struct('msghdr', {
  msg_name: pointer('void'),
  msg_namelen: u32,
  msg_iov: pointer('iovec'),
  msg_iovlen: size_t,
  msg_control: pointer('void'),
  msg_controllen: size_t,
  msg_flags: int,
});

/** fcntl.h. 32 bytes. */
export const flock = struct('flock', {
  l_type: i16,
  l_whence: i16,
  l_start: i64,
  l_len: i64,
  l_pid: int,
});

/** sys/inotify.h. 16 bytes, then `len` bytes of a name with zeros after it. */
export const inotify_event = struct('inotify_event', { wd: int, mask: u32, cookie: u32, len: u32 });

/** sys/resource.h: struct timeval. 16 bytes. */
export const timeval = struct('timeval', { tv_sec: long, tv_usec: long });

/** sys/resource.h. 144 bytes. */
export const rusage = struct('rusage', {
  ru_utime: timeval,
  ru_stime: timeval,
  ru_maxrss: long,
  ru_ixrss: long,
  ru_idrss: long,
  ru_isrss: long,
  ru_minflt: long,
  ru_majflt: long,
  ru_nswap: long,
  ru_inblock: long,
  ru_oublock: long,
  ru_msgsnd: long,
  ru_msgrcv: long,
  ru_nsignals: long,
  ru_nvcsw: long,
  ru_nivcsw: long,
});

/** What waitid fills in of siginfo_t (sys/wait.h). 128 bytes. */
export const child_siginfo = struct('child_siginfo', {
  si_signo: int,
  si_errno: int,
  si_code: int,
  __pad: int,
  si_pid: int,
  si_uid: u32,
  si_status: int,
  __rest: array(u8, 100),
});

type Host = typeof x86_64;

/** Typed views of results. Numbers of 64 bits are bigints. */
export type Stat = ViewOf<typeof x86_stat, Host>;
export type Statx = ViewOf<typeof statx, Host>;
export type ChildInfo = ViewOf<typeof child_siginfo, Host>;
