import { readdirSync, readFileSync } from 'node:fs';

/** What the OS says of a thread; times since it began, in milliseconds. */
export interface ThreadTime {
  /** How long it has had a processor. */
  readonly ranMs: number;
  /** How long it was ready and had none. A wait that goes on is not in it: the OS adds it at its end. */
  readonly waitedMs: number;
  /** How often it was given one. */
  readonly turns: number;
  /** It has a processor, or waits for one. */
  readonly isReady: boolean;
  /** It sleeps in a futex without a limit: only another thread can wake it. */
  readonly isParked: boolean;
  /** It waits for events or signals, as the event loop of a thread does that has nothing to do. */
  readonly isAtEvents: boolean;
  /** It is a task of a context (native/host/name.c), who may carry a thread's JavaScript. */
  readonly isTask: boolean;
}

export type ThreadTimes = ReadonlyMap<number, ThreadTime>;

const FUTEX: Readonly<Record<string, number>> = { x64: 202, arm64: 98, ia32: 240, arm: 240 };
const TIMEOUT = 4;
/** epoll_wait, epoll_pwait, pause. */
const EVENTS: Readonly<Record<string, readonly number[]>> = {
  x64: [232, 281, 34],
  arm64: [22],
  ia32: [256, 319, 29],
  arm: [252, 346, 29],
};
const TASK_NAME = /^s(yslet)?-\d+-\d+$/m;

/** Of this process's threads by their OS numbers; empty where /proc cannot tell. */
export function threadTimes(): ThreadTimes {
  const times = new Map<number, ThreadTime>();
  for (const tid of threads()) {
    const time = threadTime(tid);
    if (time) times.set(Number(tid), time);
  }
  return times;
}

/** How much of the time between two looks `tid` wanted a processor and had none, in milliseconds. */
export function waitedMs(
  tid: number,
  before: ThreadTimes,
  now: ThreadTimes,
  tickMs: number,
): number {
  const [old, time] = [before.get(tid), now.get(tid)];
  if (!old || !time) return 0;
  const told = time.waitedMs - old.waitedMs;
  return old.isReady && time.isReady ? Math.max(told, tickMs - (time.ranMs - old.ranMs)) : told;
}

function threadTime(tid: string): ThreadTime | undefined {
  const [schedstat, call, name] = ['schedstat', 'syscall', 'comm'].map((file) =>
    read(`/proc/self/task/${tid}/${file}`),
  );
  if (schedstat === undefined) return undefined; // it has ended, or this kernel counts nothing
  const [ranNs, waitedNs, turns] = schedstat.split(' ').map(Number) as [number, number, number];
  const words = call?.split(' ') ?? [];
  return {
    ranMs: ranNs / 1e6,
    waitedMs: waitedNs / 1e6,
    turns,
    isReady: words[0]?.trim() === 'running',
    isParked: words[0] === String(FUTEX[process.arch] ?? -1) && words[TIMEOUT] === '0x0',
    isAtEvents: EVENTS[process.arch]?.includes(Number(words[0] ?? Number.NaN)) === true,
    isTask: TASK_NAME.test(name ?? ''),
  };
}

function threads(): readonly string[] {
  try {
    return readdirSync('/proc/self/task');
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
