import {
  absent,
  array,
  char,
  i64,
  int,
  long,
  pointer,
  size_t,
  ssize_t,
  struct,
  uint,
  union,
  variant,
  when,
} from '../abi/index.ts';

/**
 * The control blocks of POSIX AIO as glibc 2.1 and later lays them out, with 64-bit file offsets
 * (`_FILE_OFFSET_BITS=64`, which a 32-bit program asks for and a 64-bit one has). The names are
 * those of the headers, so that `syslets abi check --header aio.h` compares member by member.
 */

/** <signal.h>, `union sigval`: 8 bytes, 4 on i386. */
export const sigval = union('sigval', { sival_int: int, sival_ptr: pointer() });

/** Ints that fill `struct sigevent` up to 64 bytes. */
const SIGEV_PAD_64 = 12;
const SIGEV_PAD_32 = 13;

const sigev_thread = struct('', {
  _function: pointer(),
  _attribute: pointer('pthread_attr_t'),
});

const sigev_un = variant(
  [
    when(
      { pointerSize: 8 },
      union('', { _pad: array(int, SIGEV_PAD_64), _tid: int, _sigev_thread: sigev_thread }),
    ),
  ],
  union('', { _pad: array(int, SIGEV_PAD_32), _tid: int, _sigev_thread: sigev_thread }),
);

/** <signal.h>, `struct sigevent`: 64 bytes. How a program hears that something is over. */
export const sigevent = struct('sigevent', {
  sigev_value: sigval,
  sigev_signo: int,
  sigev_notify: int,
  _sigev_un: sigev_un,
});

/** What a caller fills, and glibc's own members after it, which are the same in both variants. */
const common = {
  aio_fildes: int,
  aio_lio_opcode: int,
  aio_reqprio: int,
  aio_buf: pointer(),
  aio_nbytes: size_t,
  aio_sigevent: sigevent,
  __next_prio: pointer('struct aiocb'),
  __abs_prio: int,
  __policy: int,
  /** EINPROGRESS, 0 or the errno: what aio_error returns. Stored after __return_value. */
  __error_code: int,
  /** What aio_return returns. */
  __return_value: ssize_t,
} as const;

const RESERVED = 32;

/** <aio.h>, `struct aiocb` with 64-bit offsets: 168 bytes, 144 on i386. */
export const aiocb = struct('aiocb', {
  ...common,
  aio_offset: i64,
  __glibc_reserved: array(char, RESERVED),
});

/**
 * <aio.h>, `struct aiocb` as a program sees it that did not ask for 64-bit offsets: the same bytes,
 * with a `long` offset and, on i386, four bytes behind it.
 */
export const aiocb_long_offset = struct('aiocb', {
  ...common,
  aio_offset: long,
  __pad: variant([when({ longSize: 8 }, array(char, 0))], array(char, 4)),
  __glibc_reserved: array(char, RESERVED),
});

/** <aio.h>, `struct aiocb64`: `struct aiocb` with 64-bit offsets under its own name. */
export const aiocb64 = struct('aiocb64', aiocb.fields);

const SI_PAD_64 = 28;
const SI_PAD_32 = 29;

const si_rt = struct('', { si_pid: int, si_uid: uint, si_sigval: sigval });

/**
 * <signal.h>, `siginfo_t`: 128 bytes, what comes with a signal. Of its variants the one of signals
 * that carry a value.
 */
export const siginfo_t = struct('siginfo_t', {
  si_signo: int,
  si_errno: int,
  si_code: int,
  __pad0: variant([when({ pointerSize: 8 }, int)], absent),
  _sifields: variant(
    [when({ pointerSize: 8 }, union('', { _pad: array(int, SI_PAD_64), _rt: si_rt }))],
    union('', { _pad: array(int, SI_PAD_32), _rt: si_rt }),
  ),
});
