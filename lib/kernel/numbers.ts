/**
 * Numbers of system calls on x86_64 (Linux, arch/x86/entry/syscalls/syscall_64.tbl): those that
 * the tour, the benchmarks and most first programs need. Any other number works as well.
 */
export const NR = Object.freeze({
  read: 0,
  write: 1,
  close: 3,
  lstat: 6,
  pread64: 17,
  pipe: 22,
  getpid: 39,
  socketpair: 53,
  gettid: 186,
  clock_nanosleep: 230,
  newfstatat: 262,
  eventfd2: 290,
  pipe2: 293,
});

const names = new Map<number, string>(Object.entries(NR).map(([name, nr]) => [nr, name]));

/** A call's name for messages. */
export function callName(nr: number): string {
  return names.get(nr) ?? `system call ${nr}`;
}
