import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the OS threads of this process. */
export function threadIds(): ReadonlySet<number> {
  return new Set(readdirSync('/proc/self/task').map(Number));
}

/** Nanoseconds of processor time that a thread has used; 0 once it is gone. */
export function cpuNs(tid: number): number {
  try {
    return Number(readFileSync(`/proc/self/task/${tid}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}

/** Sum over threads. */
export function cpuNsOf(tids: Iterable<number>): number {
  let sum = 0;
  for (const tid of tids) sum += cpuNs(tid);
  return sum;
}
