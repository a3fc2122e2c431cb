import { constants } from '../kernel/index.ts';

/** System calls of a walk on x86_64 (arch/x86/entry/syscalls/syscall_64.tbl). */
export const CLOSE = 3;
export const FSTAT = 5;
export const GETDENTS64 = 217;
export const OPENAT = 257;
export const NEWFSTATAT = 262;

export const { AT_FDCWD, AT_SYMLINK_NOFOLLOW } = constants;
const { O_NONBLOCK, O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC } = constants;

/** Only a directory is opened, and none that a symlink points to. */
export const OPEN_FLAGS = O_NONBLOCK | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
/** Of a path whose every step is checked otherwise. */
export const REOPEN_FLAGS = O_DIRECTORY | O_CLOEXEC;
