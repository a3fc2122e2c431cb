import { constants, NR } from '../kernel/index.ts';

/** System calls of a walk. */
export const {
  close: CLOSE,
  fstat: FSTAT,
  getdents64: GETDENTS64,
  openat: OPENAT,
  newfstatat: NEWFSTATAT,
} = NR;

export const { AT_FDCWD, AT_SYMLINK_NOFOLLOW } = constants;
const { O_NONBLOCK, O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC } = constants;

/** Only a directory is opened, and none that a symlink points to. */
export const OPEN_FLAGS = O_NONBLOCK | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
/** Of a path whose every step is checked otherwise. */
export const REOPEN_FLAGS = O_DIRECTORY | O_CLOEXEC;
