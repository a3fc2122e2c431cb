import { readdirSync, readFileSync } from 'node:fs';

/** A process by its id. */
type Process = number | 'self';

/** Ids of the OS threads of a process. */
export function threadIds(pid: Process = 'self'): ReadonlySet<number> {
  return new Set(readdirSync(`/proc/${pid}/task`).map(Number));
}

/** Nanoseconds of processor time that a thread has used; 0 once it is gone. */
export function cpuNs(tid: number, pid: Process = 'self'): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}

/** Sum over threads. */
export function cpuNsOf(tids: Iterable<number>, pid: Process = 'self'): number {
  let sum = 0;
  for (const tid of tids) sum += cpuNs(tid, pid);
  return sum;
}
