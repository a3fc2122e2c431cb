import { readFileSync } from 'node:fs';

/** What the OS says of a thread; times since it began, in milliseconds. */
export interface ThreadTime {
  /** How long it was ready to run, and no processor was there for it. */
  readonly waitedMs: number;
  /** It sleeps in a futex without a limit: only another thread can wake it. */
  readonly isParked: boolean;
}

const FUTEX: Readonly<Record<string, number>> = { x64: 202, arm64: 98, ia32: 240, arm: 240 };
const TIMEOUT = 4;

/** Of a thread of this process; undefined where /proc cannot tell. */
export function threadTime(tid: number | undefined): ThreadTime | undefined {
  if (tid === undefined) return undefined;
  const schedstat = read(`/proc/self/task/${tid}/schedstat`);
  if (schedstat === undefined) return undefined;
  const waitedNs = Number(schedstat.split(' ')[1]);
  return { waitedMs: waitedNs / 1e6, isParked: isParked(tid) };
}

function isParked(tid: number): boolean {
  const words = read(`/proc/self/task/${tid}/syscall`)?.split(' ') ?? [];
  return words[0] === String(FUTEX[process.arch] ?? -1) && words[TIMEOUT] === '0x0';
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
